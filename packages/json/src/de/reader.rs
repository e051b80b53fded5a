use alloc::borrow::Cow;

use super::{texts, Deserializer, Error, Result};

/// How many objects and lists may be open at once, and one.
const DEPTH: u8 = 128;

/// What kind of value comes next.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Null,
    True,
    False,
    Negative,
    Positive,
    Text,
    List,
    Object,
}

/// Everything that does not depend on the type that is read.
impl<'de> Deserializer<'de> {
    pub(crate) fn new(input: &'de [u8]) -> Self {
        Deserializer {
            rest: input,
            depth: DEPTH,
            first: false,
            text: Cow::Borrowed(""),
            found: false,
            failure: None,
        }
    }

    /// The input must be used up.
    #[inline(never)]
    pub(crate) fn end(mut self) -> Result<()> {
        match self.failure.take() {
            Some(failure) => Err(failure),
            None if self.peek().is_some() => Err(Error::new(texts::TRAILING)),
            None => Ok(()),
        }
    }

    /// Why there is nothing to read: `text`, unless something was found wrong before.
    #[cold]
    #[inline(never)]
    pub(super) fn at_end(&mut self, text: &'static str) -> Error {
        self.failure.take().unwrap_or_else(|| Error::new(text))
    }

    pub(super) fn skip_byte(&mut self) {
        self.rest = self.rest.get(1..).unwrap_or_default();
    }

    /// The next byte that is not white space, which stays.
    #[inline(never)]
    fn peek(&mut self) -> Option<u8> {
        while let Some((byte, rest)) = self.rest.split_first() {
            if !matches!(byte, b' ' | b'\n' | b'\t' | b'\r') {
                return Some(*byte);
            }
            self.rest = rest;
        }
        None
    }

    /// The first byte of a value, which stays.
    #[inline(never)]
    pub(super) fn peek_value(&mut self) -> Result<u8> {
        self.peek().ok_or_else(|| self.at_end(texts::END_IN_VALUE))
    }

    #[inline(never)]
    fn word(&mut self, word: &[u8]) -> Result<()> {
        self.rest = self
            .rest
            .strip_prefix(word)
            .ok_or_else(|| Error::new(texts::WORD))?;
        Ok(())
    }

    /// The next value may be anything: `null`, `true` and `false` are read, of others nothing.
    #[inline(never)]
    pub(crate) fn kind(&mut self) -> Result<Kind> {
        Ok(match self.peek_value()? {
            b'n' => {
                self.word(b"null")?;
                Kind::Null
            }
            b't' => {
                self.word(b"true")?;
                Kind::True
            }
            b'f' => {
                self.word(b"false")?;
                Kind::False
            }
            b'-' => Kind::Negative,
            b'0'..=b'9' => Kind::Positive,
            b'"' => Kind::Text,
            b'[' => Kind::List,
            b'{' => Kind::Object,
            _ => return Err(Error::new(texts::VALUE)),
        })
    }

    #[inline(never)]
    pub(crate) fn boolean(&mut self) -> Result<bool> {
        match self.peek_value()? {
            b't' => self.word(b"true").map(|()| true),
            b'f' => self.word(b"false").map(|()| false),
            _ => Err(Error::new(texts::TYPE)),
        }
    }

    /// Finds a `null`, which is read then, or not.
    #[inline(never)]
    pub(crate) fn null(&mut self) -> Result<()> {
        self.found = self.peek_value()? == b'n';
        match self.found {
            true => self.word(b"null"),
            false => Ok(()),
        }
    }

    #[inline(never)]
    pub(crate) fn unit(&mut self) -> Result<()> {
        self.null()?;
        match self.found {
            true => Ok(()),
            false => Err(Error::new(texts::TYPE)),
        }
    }

    /// Opens an object or a list.
    #[inline(never)]
    pub(crate) fn open(&mut self, bracket: u8) -> Result<()> {
        if self.peek_value()? != bracket {
            return Err(Error::new(texts::TYPE));
        }
        self.skip_byte();
        self.depth = self.depth.saturating_sub(1);
        if self.depth == 0 {
            return Err(Error::new(texts::DEPTH));
        }
        self.first = true;
        Ok(())
    }

    /// Closes what was opened.
    ///
    /// What is wrong here is handed on with the next step, for which nothing is left to read: so
    /// the value that was read, or the error that came before, is not touched in between.
    #[inline(never)]
    pub(crate) fn close(&mut self, bracket: u8) {
        self.first = false;
        self.depth = self.depth.saturating_add(1);
        if self.peek() == Some(bracket) {
            self.skip_byte();
        } else {
            let error = self.at_end(texts::TRAILING);
            self.failure = Some(error);
            self.rest = &[];
        }
    }

    /// Closes an object, and the one around it.
    #[inline(never)]
    pub(crate) fn close_both(&mut self) {
        self.close(b'}');
        self.close(b'}');
    }

    /// Finds another element of a list, or its end. A comma before the first is let through.
    #[inline(never)]
    pub(crate) fn next_element(&mut self, first: &mut bool) -> Result<()> {
        self.found = false;
        match self.peek() {
            None => return Err(self.at_end(texts::END_IN_LIST)),
            Some(b']') => return Ok(()),
            Some(b',') => self.skip_byte(),
            Some(_) if *first => *first = false,
            Some(_) => return Err(Error::new(texts::LIST_COMMA)),
        }
        self.found = true;
        match self.peek_value()? {
            b']' => Err(Error::new(texts::TRAILING_COMMA)),
            _ => Ok(()),
        }
    }

    /// Finds another entry of an object, whose key is read up to its value, or the object's end.
    #[inline(never)]
    pub(crate) fn next_key(&mut self) -> Result<()> {
        let first = core::mem::take(&mut self.first);
        self.found = false;
        match self.peek() {
            None => return Err(self.at_end(texts::END_IN_OBJECT)),
            Some(b'}') => return Ok(()),
            Some(b',') if !first => self.skip_byte(),
            Some(_) if first => {}
            Some(_) => return Err(Error::new(texts::OBJECT_COMMA)),
        }
        self.found = true;
        match self.peek_value()? {
            b'"' => self.key(),
            b'}' => Err(Error::new(texts::TRAILING_COMMA)),
            _ => Err(Error::new(texts::KEY)),
        }
    }

    /// The name of an enum's variant. Finds a value that belongs to it, or not.
    #[inline(never)]
    pub(crate) fn variant(&mut self) -> Result<()> {
        match self.peek_value()? {
            b'"' => {
                self.found = false;
                self.text()
            }
            b'{' => {
                self.found = true;
                self.open(b'{')?;
                self.key()
            }
            _ => Err(Error::new(texts::WORD)),
        }
    }

    fn key(&mut self) -> Result<()> {
        self.text()?;
        match self.peek() {
            Some(b':') => self.skip_byte(),
            Some(_) => return Err(Error::new(texts::COLON)),
            None => return Err(self.at_end(texts::END_IN_OBJECT)),
        }
        Ok(())
    }

    /// A string, or a key.
    #[inline(never)]
    pub(crate) fn text(&mut self) -> Result<()> {
        let source = self.source()?;
        self.text = if source.contains(&b'\\') {
            Cow::Owned(super::unescape::unescape(source)?)
        } else {
            let text = core::str::from_utf8(source).map_err(|_| Error::new(texts::UNICODE))?;
            Cow::Borrowed(text)
        };
        Ok(())
    }

    /// What stands between the quotes of a string.
    #[inline(never)]
    fn source(&mut self) -> Result<&'de [u8]> {
        if self.peek_value()? != b'"' {
            return Err(Error::new(texts::TYPE));
        }
        self.skip_byte();
        let start = self.rest;
        let mut escaped = false;
        let end = start.iter().position(|byte| {
            let quote = *byte == b'"' && !escaped;
            escaped = *byte == b'\\' && !escaped;
            quote
        });
        let (source, rest) = end
            .and_then(|end| start.split_at_checked(end))
            .ok_or_else(|| Error::new(texts::END_IN_STRING))?;
        self.rest = rest;
        self.skip_byte();
        Ok(source)
    }

    /// Any value, which is thrown away.
    ///
    /// Of numbers and words only the end is looked for: what stands before a comma or a closing
    /// bracket is not checked.
    #[inline(never)]
    pub(crate) fn ignore(&mut self) -> Result<()> {
        match self.peek_value()? {
            b'"' => self.text(),
            b'[' => {
                self.open(b'[')?;
                let mut first = true;
                loop {
                    self.next_element(&mut first)?;
                    if !self.found {
                        break;
                    }
                    self.ignore()?;
                }
                self.close(b']');
                Ok(())
            }
            b'{' => {
                self.open(b'{')?;
                loop {
                    self.next_key()?;
                    if !self.found {
                        break;
                    }
                    self.ignore()?;
                }
                self.close(b'}');
                Ok(())
            }
            b',' | b']' | b'}' => Err(Error::new(texts::VALUE)),
            _ => {
                let end = self
                    .rest
                    .iter()
                    .position(|byte| matches!(byte, b',' | b']' | b'}'));
                self.rest = end
                    .and_then(|end| self.rest.get(end..))
                    .ok_or_else(|| Error::new(texts::END_IN_VALUE))?;
                Ok(())
            }
        }
    }
}
