use alloc::string::String;
use core::fmt::Write;

use super::Serializer;

/// Most texts fit into so many bytes.
const CAPACITY: usize = 1024;

/// Everything that does not depend on the type that is written.
impl Serializer {
    #[inline(never)]
    pub(super) fn new() -> Serializer {
        Serializer {
            text: String::with_capacity(CAPACITY),
        }
    }

    #[inline(never)]
    pub(super) fn raw(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Writes a comma unless an object or a list was just opened: no value ends in its bracket.
    #[inline(never)]
    pub(super) fn comma(&mut self) {
        if !self.text.ends_with(['{', '[']) {
            self.text.push(',');
        }
    }

    /// The name of a field, which has nothing to escape, up to its value.
    #[inline(never)]
    pub(super) fn field(&mut self, name: &str) {
        self.comma();
        self.text.push('"');
        self.text.push_str(name);
        self.text.push_str("\":");
    }

    /// Opens the object of an enum's variant, up to its value.
    #[inline(never)]
    pub(super) fn variant(&mut self, name: &str) {
        self.text.push('{');
        self.quoted(name);
        self.text.push(':');
    }

    #[inline(never)]
    pub(super) fn quoted(&mut self, value: &str) {
        self.text.push('"');
        let mut rest = value;
        while let Some(at) = rest.find(|next: char| next < ' ' || next == '"' || next == '\\') {
            let (plain, escaped) = rest.split_at(at);
            self.text.push_str(plain);
            let mut characters = escaped.chars();
            if let Some(character) = characters.next() {
                self.escape(character);
            }
            rest = characters.as_str();
        }
        self.text.push_str(rest);
        self.text.push('"');
    }

    fn escape(&mut self, character: char) {
        self.text.push('\\');
        match character {
            '\u{8}' => self.text.push('b'),
            '\t' => self.text.push('t'),
            '\n' => self.text.push('n'),
            '\u{c}' => self.text.push('f'),
            '\r' => self.text.push('r'),
            '"' | '\\' => self.text.push(character),
            // No one reads an error here: writing into a `String` has none.
            _ => write!(self.text, "u{:04X}", u32::from(character)).unwrap_or_default(),
        }
    }

    #[inline(never)]
    pub(super) fn u64(&mut self, value: u64) {
        write!(self.text, "{value}").unwrap_or_default();
    }

    #[inline(never)]
    pub(super) fn i64(&mut self, value: i64) {
        write!(self.text, "{value}").unwrap_or_default();
    }

    #[inline(never)]
    pub(super) fn u128(&mut self, value: u128) {
        write!(self.text, "{value}").unwrap_or_default();
    }

    #[inline(never)]
    pub(super) fn i128(&mut self, value: i128) {
        write!(self.text, "{value}").unwrap_or_default();
    }
}
