//! What a contract's wasm must keep to before it goes on chain.

use std::collections::{BTreeSet, HashSet};
use std::fmt::{Debug, Write};

use anyhow::Context;
use cosmwasm_vm::capabilities_from_csv;
use cosmwasm_vm::internals::{check_wasm, compile_module, Logger};
use cosmwasm_vm::WasmLimits;
use sha2::{Digest, Sha256};
use wasmparser::{FunctionBody, Parser, Payload, TypeRef};

use crate::figures::figure;

/// Half of what chains take.
pub const MOST_BYTES: u64 = 400 * 1024;

/// Contracts that are over it, and what they may not grow beyond: every step towards the limit
/// lowers these, and each goes when its contract has got there. Chains take 819,200 bytes.
pub const OVER: [(&str, u64); 2] = [("delegation", 600_000), ("revenue_distributor", 580_000)];

/// Of one function, its parameters not among them: so counts the virtual machine, which refuses
/// more than 100. Its own limits of parameters are part of cosmwasm-check.
pub const MOST_LOCALS: u32 = 90;

/// What every listed network offers; not all of them have `cosmwasm_2_1`.
pub const CAPABILITIES: &str = "iterator,staking,stargate,\
     cosmwasm_1_1,cosmwasm_1_2,cosmwasm_1_3,cosmwasm_1_4";

/// What a contract's wasm is like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The contract's name.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// How many functions it defines.
    pub functions: u32,
    /// Locals of the function that has most of them.
    pub locals: u32,
    /// That function's number; imported functions come first, as in tools that show wasm.
    pub largest: u32,
    /// What it requires of a chain.
    pub capabilities: BTreeSet<String>,
    /// Where floats are: at most one place for each type, global and function.
    pub floats: Vec<String>,
    /// What cosmwasm-check has against it.
    pub refusal: Option<String>,
    /// SHA-256, as chains show it.
    pub checksum: String,
}

impl Facts {
    /// Of this wasm.
    pub fn read(name: &str, wasm: &[u8]) -> anyhow::Result<Self> {
        let mut facts = Self {
            name: name.to_owned(),
            bytes: wasm.len() as u64,
            functions: 0,
            locals: 0,
            largest: 0,
            capabilities: BTreeSet::new(),
            floats: Vec::new(),
            refusal: None,
            checksum: Sha256::digest(wasm)
                .iter()
                .map(|it| format!("{it:02x}"))
                .collect(),
        };
        facts
            .walk(wasm)
            .with_context(|| format!("{name} is no wasm"))?;
        facts.refusal = refusal(wasm, &facts.capabilities);
        Ok(facts)
    }

    fn walk(&mut self, wasm: &[u8]) -> anyhow::Result<()> {
        let mut function = 0;
        for payload in Parser::new(0).parse_all(wasm) {
            match payload? {
                Payload::TypeSection(section) => {
                    for (at, kind) in section.into_iter_err_on_gc_types().enumerate() {
                        self.note_float(&format!("type {at}"), &kind?);
                    }
                }
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        function += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                    }
                }
                Payload::GlobalSection(section) => {
                    for (at, global) in section.into_iter().enumerate() {
                        self.note_float(&format!("global {at}"), &global?.ty);
                    }
                }
                Payload::ExportSection(section) => {
                    for export in section {
                        let capability = export?.name.strip_prefix("requires_");
                        self.capabilities.extend(capability.map(str::to_owned));
                    }
                }
                Payload::CodeSectionEntry(body) => {
                    self.walk_function(function, &body)?;
                    function += 1;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn walk_function(&mut self, function: u32, body: &FunctionBody<'_>) -> anyhow::Result<()> {
        self.functions += 1;
        let (place, mut locals, mut float) = (format!("function {function}"), 0, false);
        for group in body.get_locals_reader()? {
            let (count, kind) = group?;
            locals += count;
            float = float || self.note_float(&place, &kind);
        }
        if locals > self.locals {
            (self.locals, self.largest) = (locals, function);
        }
        for operator in body.get_operators_reader()? {
            let operator = operator?;
            float = float || self.note_float(&place, &operator);
        }
        Ok(())
    }

    /// Notes the place if there is a float in the name or the types of what is there.
    fn note_float(&mut self, place: &str, there: &impl Debug) -> bool {
        let text = format!("{there:?}");
        let float = text.contains("F32") || text.contains("F64");
        if float {
            self.floats.push(format!("{place}: {text}"));
        }
        float
    }

    /// How many bytes it may have.
    pub fn limit(&self) -> u64 {
        let mut over = OVER.into_iter();
        over.find(|(name, _)| *name == self.name)
            .map_or(MOST_BYTES, |(_, bytes)| bytes)
    }

    /// What it does not keep to, with figures.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let limit = self.limit();
        if self.bytes > limit {
            faults.push(format!(
                "size: {} bytes, {} more than the limit of {}",
                figure(self.bytes),
                figure(self.bytes - limit),
                figure(limit),
            ));
        }
        if self.locals > MOST_LOCALS {
            let (function, locals) = (self.largest, self.locals);
            faults.push(format!(
                "locals: function {function} has {locals}, limit {MOST_LOCALS}"
            ));
        }
        if let Some(first) = self.floats.first() {
            faults.push(format!(
                "floats: in {} places, the first {first}",
                self.floats.len()
            ));
        }
        let offered = capabilities_from_csv(CAPABILITIES);
        for wanted in self.capabilities.iter().filter(|it| !offered.contains(*it)) {
            faults.push(format!(
                "capabilities: {wanted}, but networks only offer {CAPABILITIES}"
            ));
        }
        faults.extend(
            self.refusal
                .iter()
                .map(|it| format!("cosmwasm-check: {it}")),
        );
        faults
    }
}

/// What cosmwasm-check says; capabilities are given as wanted, as they have a gate of their own.
fn refusal(wasm: &[u8], capabilities: &BTreeSet<String>) -> Option<String> {
    let capabilities: HashSet<String> = capabilities.iter().cloned().collect();
    check_wasm(wasm, &capabilities, &WasmLimits::default(), Logger::Off)
        .and_then(|()| compile_module(wasm, None))
        .err()
        .map(|error| error.to_string())
}

/// All facts as a table in Markdown.
pub fn table(all: &[Facts]) -> String {
    let mut text = String::from(
        "| contract | bytes | of the limit | functions | most locals | in function | capabilities \
         | SHA-256 |\n|---|--:|--:|--:|--:|--:|---|---|\n",
    );
    for it in all {
        let capabilities: Vec<&str> = it.capabilities.iter().map(String::as_str).collect();
        let _ = writeln!(
            text,
            "| {} | {} | {} % | {} | {} | {} | {} | {} |",
            it.name,
            figure(it.bytes),
            (it.bytes * 100).div_ceil(MOST_BYTES),
            figure(it.functions.into()),
            it.locals,
            it.largest,
            capabilities.join(", "),
            it.checksum,
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A contract as small as it can be, with something more in it.
    fn facts(more: &str) -> Facts {
        let text = format!(
            r#"(module
                (import "env" "db_read" (func (param i32) (result i32)))
                (memory (export "memory") 1)
                (func (export "interface_version_8"))
                (func (export "allocate") (param i32) (result i32) local.get 0)
                (func (export "deallocate") (param i32))
                {more})"#
        );
        Facts::read("small", &wat::parse_str(text).unwrap()).unwrap()
    }

    /// The only fault.
    fn fault(more: &str) -> String {
        let mut faults = facts(more).faults();
        assert_eq!(faults.len(), 1, "{faults:?}");
        faults.remove(0)
    }

    fn locals(count: usize) -> String {
        format!("(func (param i32 i32) (local {}))", "i64 ".repeat(count))
    }

    /// So much data that the wasm has this size.
    fn data(bytes: usize) -> String {
        let with = |count| format!(r#"(data (i32.const 0) "{}")"#, "x".repeat(count));
        let rest = facts(&with(bytes / 2)).bytes as usize - bytes / 2;
        with(bytes - rest)
    }

    #[test]
    fn a_contract_without_fault_passes() {
        let facts = facts("");
        assert_eq!(facts.faults(), Vec::<String>::new());
        assert_eq!((facts.functions, facts.locals), (3, 0));
    }

    #[test]
    fn what_is_no_wasm_is_refused() {
        let error = Facts::read("text", b"text").unwrap_err();
        assert_eq!(error.to_string(), "text is no wasm");
    }

    #[test]
    fn size_is_bounded() {
        assert_eq!(facts(&data(409_600)).faults(), Vec::<String>::new());
        assert_eq!(
            fault(&data(409_601)),
            "size: 409,601 bytes, 1 more than the limit of 409,600"
        );
    }

    #[test]
    fn locals_are_bounded_without_parameters() {
        assert_eq!(facts(&locals(90)).faults(), Vec::<String>::new());
        assert_eq!(
            (facts(&locals(90)).locals, facts(&locals(90)).largest),
            (90, 4)
        );
        assert_eq!(fault(&locals(91)), "locals: function 4 has 91, limit 90");
    }

    #[test]
    fn the_virtual_machine_refuses_locals_a_little_later() {
        assert_eq!(facts(&locals(100)).refusal, None);
        let refusal = facts(&locals(101)).refusal.unwrap();
        assert!(refusal.contains("more than 100 locals: 101"), "{refusal}");
    }

    #[test]
    fn floats_are_refused_wherever_they_are() {
        for (more, first) in [
            ("(func f32.const 1 drop)", "function 4: F32Const"),
            ("(func i32.const 0 f64.load drop)", "function 4: F64Load"),
            (
                "(func i64.const 0 f64.reinterpret_i64 drop)",
                "function 4: F64Reinterpret",
            ),
            ("(func (local f64))", "function 4: F64"),
            (
                "(func unreachable i32.trunc_sat_f32_s drop)",
                "function 4: I32TruncSatF32S",
            ),
            (
                "(func (block (result f64) unreachable) unreachable)",
                "function 4: Block",
            ),
            ("(global f64 (f64.const 0))", "global 0: GlobalType"),
            ("(func (param f32))", "type 3: FuncType { params: [F32]"),
        ] {
            let expected = format!("floats: in 1 places, the first {first}");
            let fault = fault(more);
            assert!(fault.starts_with(&expected), "{fault}");
        }
    }

    #[test]
    fn floats_are_counted_once_for_each_function() {
        let function = "(func (local f32) f32.const 1 drop f64.const 1 drop)";
        assert_eq!(facts(&function.repeat(2)).floats.len(), 2);
    }

    #[test]
    fn capabilities_are_those_of_every_network() {
        for offered in CAPABILITIES.split(',') {
            let facts = facts(&format!(r#"(func (export "requires_{offered}"))"#));
            assert_eq!(facts.faults(), Vec::<String>::new());
            assert!(facts.capabilities.contains(offered));
        }
        for wanted in ["cosmwasm_2_1", "cosmwasm_3_0", "osmosis"] {
            let fault = fault(&format!(r#"(func (export "requires_{wanted}"))"#));
            let expected = format!("capabilities: {wanted}, but networks only offer iterator,");
            assert!(fault.starts_with(&expected), "{fault}");
        }
    }

    #[test]
    fn cosmwasm_check_is_asked() {
        for (more, reason) in [
            (
                r#"(func (export "interface_version_9"))"#,
                "more than one marker export",
            ),
            ("(memory 1)", "multi"),
            ("(table 3000 3000 funcref)", "too large max limit"),
            ("(func (result i32))", "type mismatch"),
            (
                "(func i32.const 0 i32.const 0 i32.const 0 memory.fill)",
                "bulk memory",
            ),
        ] {
            let fault = fault(more);
            assert!(
                fault.starts_with("cosmwasm-check: ") && fault.contains(reason),
                "{fault}"
            );
        }
    }

    #[test]
    fn the_table_has_a_line_for_each_contract() {
        let table = table(&[facts(&locals(7)), facts(&data(204_800))]);
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(lines.len(), 4, "{table}");
        assert!(lines[2].contains("| 1 % | 4 | 7 | 4 |"), "{table}");
        assert!(
            lines[3].starts_with("| small | 204,800 | 50 % | 3 | 0 | 0 |"),
            "{table}"
        );
        assert!(
            lines[3].ends_with(&format!("{} |", facts(&data(204_800)).checksum)),
            "{table}"
        );
    }
}
