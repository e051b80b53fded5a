//! Charts.
use crate::growth::Study;
/// x
pub(crate) fn draw(_study: &Study) -> anyhow::Result<String> { Ok(String::new()) }
