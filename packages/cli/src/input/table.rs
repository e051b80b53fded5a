//! CSV rows with their physical lines.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use csv::{ReaderBuilder, StringRecord};

use super::error::{InputError, Reason};
use super::network::is_account;

/// Longest free text (source, reference), in bytes.
pub(super) const MAX_TEXT: usize = 256;

/// The columns of a file: those that must be there, then those that may be.
pub(super) struct Columns {
    pub required: &'static [&'static str],
    pub optional: &'static [&'static str],
}

/// A CSV file, split into rows.
pub(super) struct Table {
    file: &'static str,
    places: BTreeMap<&'static str, usize>,
    records: Vec<(u64, StringRecord)>,
}

/// One row of a table.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    table: &'a Table,
    record: &'a StringRecord,
    pub line: u64,
}

/// Reads a UTF-8 file of the input folder.
pub(super) fn read_text(dir: &Path, file: &str) -> Result<String, InputError> {
    let unreadable = |source| InputError::Unreadable {
        file: file.to_owned(),
        source,
    };
    let bytes = fs::read(dir.join(file)).map_err(unreadable)?;
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let breaks = error
            .as_bytes()
            .iter()
            .take(valid)
            .filter(|b| **b == b'\n')
            .count();
        let line = u64::try_from(breaks).unwrap_or(u64::MAX).saturating_add(1);
        InputError::at(file, line, Reason::NotUtf8)
    })
}

impl Table {
    pub fn read(dir: &Path, file: &'static str, columns: &Columns) -> Result<Self, InputError> {
        Self::parse(file, &read_text(dir, file)?, columns)
    }

    pub fn parse(file: &'static str, text: &str, columns: &Columns) -> Result<Self, InputError> {
        refuse_blank_lines(file, text)?;
        let mut records = split(file, text)?.into_iter();
        let (line, header) = records
            .next()
            .ok_or_else(|| InputError::at(file, 1, Reason::NoHeader))?;
        let places =
            places(&header, columns).map_err(|reason| InputError::at(file, line, reason))?;
        let records: Vec<_> = records.collect();
        let expected = header.len();
        match records.iter().find(|(_, record)| record.len() != expected) {
            None => Ok(Self {
                file,
                places,
                records,
            }),
            Some((line, record)) => {
                let reason = Reason::FieldCount {
                    found: record.len(),
                    expected,
                };
                Err(InputError::at(file, *line, reason))
            }
        }
    }

    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.records.iter().map(|(line, record)| Row {
            table: self,
            record,
            line: *line,
        })
    }

    pub fn refuse(&self, line: u64, reason: impl Into<Reason>) -> InputError {
        InputError::at(self.file, line, reason)
    }
}

impl<'a> Row<'a> {
    pub fn refuse(&self, reason: impl Into<Reason>) -> InputError {
        self.table.refuse(self.line, reason)
    }

    /// The field's text; empty when the column is optional and absent.
    pub fn raw(&self, column: &'static str) -> &'a str {
        self.table
            .places
            .get(column)
            .and_then(|i| self.record.get(*i))
            .unwrap_or("")
    }

    pub fn text(&self, column: &'static str) -> Result<&'a str, InputError> {
        match self.raw(column) {
            "" => Err(self.refuse(Reason::Empty(column))),
            text if text.len() > MAX_TEXT => Err(self.refuse(Reason::TooLong {
                column,
                max: MAX_TEXT,
            })),
            text => Ok(text),
        }
    }

    pub fn number(&self, column: &'static str, max: u128) -> Result<u128, InputError> {
        let text = match self.raw(column) {
            "" => return Err(self.refuse(Reason::Empty(column))),
            text => text.to_owned(),
        };
        let leading = text.len() > 1 && text.starts_with('0');
        if leading || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(self.refuse(Reason::NotANumber { column, text }));
        }
        match text.parse::<u128>() {
            Ok(number) if number <= max => Ok(number),
            _ => Err(self.refuse(Reason::TooLarge { column, text, max })),
        }
    }

    /// An amount in smallest units, from 1 on.
    pub fn amount(&self, column: &'static str) -> Result<u128, InputError> {
        match self.number(column, u128::MAX)? {
            0 => Err(self.refuse(Reason::Zero(column))),
            amount => Ok(amount),
        }
    }

    pub fn account(&self, column: &'static str) -> Result<String, InputError> {
        let text = self.text(column)?.to_owned();
        if is_account(&text) {
            return Ok(text);
        }
        Err(self.refuse(Reason::NotAnAccount { column, text }))
    }

    pub fn epoch(&self, epochs: u64) -> Result<u64, InputError> {
        let epoch = self.number("epoch", u128::MAX)?;
        let last = epochs.saturating_sub(1);
        match u64::try_from(epoch) {
            Ok(known) if known <= last => Ok(known),
            _ => Err(self.refuse(Reason::EpochOutOfRange { epoch, last })),
        }
    }

    /// A key that exists among `keys` in that epoch.
    pub fn key(&self, epoch: u64, keys: u32) -> Result<u32, InputError> {
        let key = self.number("key", u128::MAX)?;
        match u32::try_from(key) {
            Ok(known) if (1..=keys).contains(&known) => Ok(known),
            _ => Err(self.refuse(Reason::UnknownKey { key, epoch, keys })),
        }
    }

    pub fn flag(&self, column: &'static str) -> Result<bool, InputError> {
        match self.raw(column) {
            "true" => Ok(true),
            "false" => Ok(false),
            text => Err(self.refuse(Reason::NotABool {
                column,
                text: text.to_owned(),
            })),
        }
    }

    pub fn nothing(&self, column: &'static str, action: &'static str) -> Result<(), InputError> {
        match self.raw(column) {
            "" => Ok(()),
            _ => Err(self.refuse(Reason::MustBeEmpty { column, action })),
        }
    }
}

/// Sees to it that what must be unique in a file is.
#[derive(Default)]
pub(super) struct Unique {
    seen: BTreeMap<String, u64>,
}

impl Unique {
    pub fn check(&mut self, row: &Row<'_>, what: String) -> Result<(), InputError> {
        match self.seen.insert(what.clone(), row.line) {
            None => Ok(()),
            Some(first) => Err(row.refuse(Reason::Duplicate { first, what })),
        }
    }
}

fn refuse_blank_lines(file: &str, text: &str) -> Result<(), InputError> {
    match (1..)
        .zip(text.lines())
        .find(|(_, line)| line.trim().is_empty())
    {
        None => Ok(()),
        Some((line, _)) => Err(InputError::at(file, line, Reason::BlankLine)),
    }
}

fn split(file: &str, text: &str) -> Result<Vec<(u64, StringRecord)>, InputError> {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut records = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| {
            let line = error.position().map_or(1, csv::Position::line);
            InputError::at(file, line, Reason::Malformed(error.to_string()))
        })?;
        records.push((record.position().map_or(1, csv::Position::line), record));
    }
    Ok(records)
}

fn places(
    header: &StringRecord,
    columns: &Columns,
) -> Result<BTreeMap<&'static str, usize>, Reason> {
    let mut places = BTreeMap::new();
    for (i, name) in header.iter().enumerate() {
        let mut known = columns.required.iter().chain(columns.optional);
        let column = known
            .find(|known| **known == name)
            .ok_or(Reason::UnknownColumn(name.to_owned()))?;
        if places.insert(*column, i).is_some() {
            return Err(Reason::DuplicateColumn(name.to_owned()));
        }
    }
    match columns
        .required
        .iter()
        .find(|column| !places.contains_key(*column))
    {
        None => Ok(places),
        Some(missing) => Err(Reason::MissingColumn(missing)),
    }
}
