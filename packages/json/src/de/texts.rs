//! What errors say.

pub(super) const COLON: &str = "Expected this character to be a `':'`.";
pub(super) const CONTROL: &str = "Control character found in string.";
pub(super) const DEPTH: &str = "JSON is nested too deeply, exceeded the recursion limit.";
pub(super) const END_IN_LIST: &str = "EOF while parsing a list.";
pub(super) const END_IN_OBJECT: &str = "EOF while parsing an object.";
pub(super) const END_IN_STRING: &str = "EOF while parsing a string.";
pub(super) const END_IN_VALUE: &str = "EOF while parsing a JSON value.";
pub(super) const ESCAPE: &str = "Invalid escape sequence.";
pub(super) const HIGH_SURROGATE: &str = "Expected a high surrogate (D800–DBFF).";
pub(super) const KEY: &str = "Object key is not a string.";
pub(super) const LIST_COMMA: &str = "Expected this character to be either a `','` or a `']'`.";
pub(super) const LONE_SURROGATE: &str =
    "Found a lone surrogate, which can exist in JSON but cannot be encoded to UTF-8.";
pub(super) const LOW_SURROGATE: &str = "Expected a low surrogate (DC00–DFFF).";
pub(super) const NUMBER: &str = "Invalid number.";
pub(super) const OBJECT_COMMA: &str = "Expected this character to be either a `','` or a `'}'`.";
pub(super) const TRAILING: &str = "JSON has non-whitespace trailing characters after the value.";
pub(super) const TRAILING_COMMA: &str = "JSON has a comma after the last value in an array or map.";
pub(super) const TYPE: &str = "Invalid type";
pub(super) const UNICODE: &str = "Invalid unicode code point.";
pub(super) const VALUE: &str = "Expected this character to start a JSON value.";
pub(super) const WORD: &str = "Expected to parse either a `true`, `false`, or a `null`.";
