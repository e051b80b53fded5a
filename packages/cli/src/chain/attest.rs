//! `attest`: reports on who ran, and how they agree.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{ContentArrangement, Table};
use cosmwasm_std::{Decimal, HexBinary};
use noderev_api::common::EvidenceResponse;
use noderev_components::Epoch;
use noderev_operations::attest::beats::{ran, Needed, Rule};
use noderev_operations::attest::{
    compare, draft, ensure_may_report, last_ended, numbers, reported, watch, Agreement,
    AttestError, Bits, Draft, Evidence, Finding, Reported, Target, Told, Watch, Window,
};
use noderev_operations::Contracts;
use serde_json::{json, Value};

use super::keeper::{log, stopped_by_signals};
use super::session::read;
use super::{CommandError, Connection, Sending};
use crate::answer::Answer;
use crate::format::{minute, thousands};
use crate::input::read_activity;

/// Numbers that are told one by one.
const TOLD: usize = 200;

/// Report who ran in an epoch, and see how the attesters agree.
#[derive(Debug, Args)]
pub struct Attest {
    #[command(subcommand)]
    step: Step,
}

#[derive(Debug, Subcommand)]
enum Step {
    /// Report on an ended epoch from a file; first shows how other reports differ.
    ///
    /// The evidence that goes with a report is the SHA-256 of the file's lines that concern the
    /// epoch, in their order, each with one line feed at its end, the header left out. Exit code 3
    /// if the very same report is on chain already.
    Report(Report),
    /// Report on each epoch when it ends, from a file that grows, until SIGTERM or SIGINT.
    ///
    /// Asks once before it begins, unless --yes.
    Watch(Watcher),
    /// Show how the attesters' reports agree, and when each attester reported.
    ///
    /// When: the block of the `reported` event, of the last one if he replaced his report; by the node's
    /// transactions, of which it may have forgotten some.
    Compare(Compare),
}

/// To whom is reported.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum To {
    /// The revenue distributor: which keys ran.
    Distributor,
    /// The delegation contract: which validators were eligible.
    Delegation,
}

/// What a report is made from.
#[derive(Clone, Debug, Args)]
#[group(required = true, multiple = false, id = "file")]
struct File {
    /// CSV file as activity.csv: columns attester, epoch, bitmap (0x hex or ranges such as 1-40,43).
    #[arg(long, value_name = "FILE")]
    activity: Option<PathBuf>,
    /// CSV log of heartbeats: columns key (for --to delegation the validator's number) and time,
    /// Unix seconds or RFC 3339.
    #[arg(long, value_name = "FILE")]
    beats: Option<PathBuf>,
}

/// Who ran, by heartbeats: an epoch is cut into intervals from its start on; whoever has a heartbeat
/// in enough of them ran.
#[derive(Clone, Debug, Args)]
struct Rules {
    /// Whose rows of the activity file; the sender's address unless given.
    #[arg(long, value_name = "NAME", conflicts_with = "beats")]
    attester: Option<String>,
    /// Length of an interval, seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 300,
          value_parser = clap::value_parser!(u64).range(1..=2_678_400))]
    every: u64,
    /// Ran: heartbeats in so many different intervals, 1 to all.
    #[arg(long, value_name = "N", conflicts_with = "share")]
    min_beats: Option<u64>,
    /// Ran: heartbeats in this share of all intervals, above 0 to 1, rounded up.
    #[arg(long, value_name = "SHARE", default_value = "0.9")]
    share: Decimal,
}

#[derive(Debug, Args)]
struct Report {
    /// To whom.
    #[arg(long, value_enum, default_value_t = To::Distributor)]
    to: To,
    /// The epoch; the last one that has ended unless given.
    #[arg(long, value_name = "N")]
    epoch: Option<u32>,
    /// Send the very same report again.
    #[arg(long)]
    again: bool,
    #[command(flatten)]
    file: File,
    #[command(flatten)]
    rules: Rules,
    #[command(flatten)]
    connection: Connection,
    #[command(flatten)]
    sending: Sending,
}

#[derive(Debug, Args)]
struct Watcher {
    /// To whom.
    #[arg(long, value_enum, default_value_t = To::Distributor)]
    to: To,
    /// Seconds to wait after an epoch's end for the last lines of the file.
    #[arg(long, value_name = "SECONDS", default_value_t = 5)]
    after: u64,
    /// Longest time between two looks at the chain, seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 30,
          value_parser = clap::value_parser!(u64).range(1..=86_400))]
    interval: u64,
    #[command(flatten)]
    file: File,
    #[command(flatten)]
    rules: Rules,
    #[command(flatten)]
    connection: Connection,
    #[command(flatten)]
    sending: Sending,
}

#[derive(Debug, Args)]
struct Compare {
    /// To whom was reported.
    #[arg(long, value_enum, default_value_t = To::Distributor)]
    to: To,
    /// The epoch; the last ones that have ended unless given.
    #[arg(long, value_name = "N")]
    epoch: Option<u32>,
    /// How many of the last ended epochs.
    #[arg(long, value_name = "N", default_value_t = 3, conflicts_with = "epoch")]
    last: u32,
    #[command(flatten)]
    connection: Connection,
}

impl Attest {
    pub(super) fn execute(self, json: bool) -> Result<Answer, CommandError> {
        match self.step {
            Step::Report(report) => report.execute(json),
            Step::Watch(watcher) => watcher.execute(json),
            Step::Compare(compare) => compare.execute(json),
        }
    }
}

impl To {
    const fn target(self) -> Target {
        match self {
            Self::Distributor => Target::Distributor,
            Self::Delegation => Target::Delegation,
        }
    }
}

impl Rules {
    const fn rule(&self) -> Rule {
        let needed = match self.min_beats {
            Some(beats) => Needed::Beats(beats),
            None => Needed::Share(self.share),
        };
        let every = self.every;
        Rule { every, needed }
    }
}

impl File {
    /// What the file says of an epoch.
    fn find(&self, rules: &Rules, sender: &str, window: &Window) -> Result<Finding, String> {
        if let Some(path) = &self.beats {
            let log = read(path).map_err(|error| error.to_string())?;
            return ran(&log, &rules.rule(), window)
                .map_err(|error| format!("{}: {error}", path.display()));
        }
        let path = self.activity.clone().unwrap_or_default();
        let attester = rules.attester.as_deref().unwrap_or(sender);
        let told = |why: String| format!("{}: {why}", path.display());
        let activity = read_activity(&path, attester, window.epoch.0, window.highest)
            .map_err(|error| told(error.to_string()))?;
        let activity = activity.ok_or_else(|| {
            told(format!(
                "no row of attester `{attester}` on epoch {}",
                window.epoch
            ))
        })?;
        let mut evidence = Evidence::default();
        evidence.add(&activity.line);
        let keys = 1..=window.highest;
        Ok(Finding {
            ran: keys.filter(|key| activity.bitmap.contains(*key)).collect(),
            rows: evidence.rows,
            evidence: evidence.hash(),
        })
    }
}

impl Report {
    fn execute(self, json: bool) -> Result<Answer, CommandError> {
        let mut session = self.connection.open_to_send(&self.sending, json)?;
        let (contracts, sender) = (session.contracts()?, session.sender()?);
        let target = self.to.target();
        let epoch = match self.epoch {
            Some(epoch) => Epoch(epoch),
            None => last_ended(&contracts, target)?,
        };
        let of = target.evidence(&contracts, epoch)?;
        ensure_may_report(&of, &sender)?;
        let bits = target.bits(&contracts, &of)?;
        let window = window(&contracts, target, epoch, bits.highest)?;
        let found = self.file.find(&self.rules, &sender, &window);
        let found = found.map_err(AttestError::Source)?;
        let draft = draft(&of, &bits, &found, &sender);
        let agreement = compare(&of, &bits, Some(&draft.bitmap));
        let shown = preview(target, &of, &draft, &agreement, &sender);
        eprintln!("{shown}");
        if draft.sent_already && !self.again {
            return Ok(Answer::nothing_due(nothing_new(&draft, json)));
        }
        let effect = format!(
            "report that {} of {} {}s ran in epoch {epoch}",
            draft.bitmap.count(),
            bits.count,
            target.noun()
        );
        let message = target.message(&contracts, &draft)?;
        session.send_and_tell(&effect, &[message])
    }
}

fn window(
    contracts: &Contracts,
    target: Target,
    epoch: Epoch,
    highest: u32,
) -> Result<Window, AttestError> {
    let clock = target.clock(contracts)?;
    Ok(Window {
        epoch,
        start: clock.start_of(epoch),
        end: clock.end_of(epoch),
        highest,
    })
}

fn nothing_new(draft: &Draft, json: bool) -> String {
    match json {
        true => json!({ "epoch": draft.epoch, "sent_already": true }).to_string(),
        false => format!(
            "this very report on epoch {} is on chain already; --again sends it again",
            draft.epoch
        ),
    }
}

/// How the others' reports differ from one that is not sent yet.
fn preview(
    target: Target,
    of: &EvidenceResponse,
    draft: &Draft,
    agreement: &Agreement,
    sender: &str,
) -> String {
    let mut lines = vec![format!(
        "epoch {}: {} of {} bits set, evidence {}",
        of.epoch,
        draft.bitmap.count(),
        draft.bitmap.len(),
        HexBinary::from(draft.evidence).to_hex()
    )];
    for report in &agreement.reports {
        let who = match report.attester == sender {
            true => "your report before".to_owned(),
            false => report.attester.clone(),
        };
        let what = match (report.ran, report.differs.len()) {
            (None, _) => "has not reported".to_owned(),
            (Some(_), 0) => "agrees".to_owned(),
            (Some(_), count) => format!(
                "differs in {count} {}s: {}",
                target.noun(),
                some(&report.differs)
            ),
        };
        lines.push(format!("  {who}: {what}"));
    }
    lines.join("\n")
}

/// The first of these numbers as ranges.
fn some(set: &std::collections::BTreeSet<u32>) -> String {
    let first = set.iter().copied().take(TOLD).collect();
    let more = match set.len() > TOLD {
        true => ", ...",
        false => "",
    };
    format!("{}{more}", numbers(&first))
}

impl Watcher {
    fn execute(self, json: bool) -> Result<Answer, CommandError> {
        self.sending.refuse_showing("a watch")?;
        let mut session = self.connection.open_to_send(&self.sending, json)?;
        let contracts = session.contracts()?;
        let sender = session.signer()?.0.address().to_owned();
        let chain = &session.client().network().chain_id;
        session.ask(&format!(
            "report as {sender} which {}s ran in each epoch of {chain} from now on?",
            self.to.target().noun()
        ))?;
        let stop = stopped_by_signals()?;
        let how = Watch {
            target: self.to.target(),
            after: self.after,
            interval: Duration::from_secs(self.interval),
        };
        let find = |window: &Window| self.file.find(&self.rules, &sender, window);
        let mut tell = |told: Told<'_>| say(&told, json);
        let (signer, _) = session.signer()?;
        watch(&contracts, signer, &how, &stop, &find, &mut tell);
        Ok(Answer::done(match json {
            true => json!({ "ended": true }).to_string(),
            false => "ended".to_owned(),
        }))
    }
}

fn say(told: &Told<'_>, json: bool) {
    match told {
        Told::Reported(draft, outcome) => {
            let value = json!({
                "event": "reported",
                "epoch": draft.epoch,
                "ran": draft.bitmap.count(),
                "of": draft.bitmap.len(),
                "hash": outcome.hash,
                "height": outcome.height,
                "gas_used": outcome.gas_used,
            });
            let text = format!(
                "epoch {}: {} of {} reported, {} in block {}, {} gas",
                draft.epoch,
                draft.bitmap.count(),
                draft.bitmap.len(),
                outcome.hash,
                outcome.height,
                thousands(outcome.gas_used.into())
            );
            log(json, value, &text);
        }
        Told::Trouble(error, pause) => {
            let (why, seconds) = (error.to_string(), pause.as_secs());
            let value = json!({ "event": "trouble", "why": why, "next_try_in": seconds });
            log(json, value, &format!("{why}; next try in {seconds} s"));
        }
        Told::Sleeps(_) => {}
    }
}

impl Compare {
    fn execute(self, json: bool) -> Result<Answer, CommandError> {
        let session = self.connection.open(json)?;
        let (contracts, target) = (session.contracts()?, self.to.target());
        let epochs: Vec<Epoch> = match self.epoch {
            Some(epoch) => vec![Epoch(epoch)],
            None => {
                let last = last_ended(&contracts, target)?.0;
                let first = last.saturating_add(1).saturating_sub(self.last);
                (first..=last).map(Epoch).collect()
            }
        };
        let mut all = Vec::new();
        for epoch in epochs {
            let of = target.evidence(&contracts, epoch)?;
            let bits = target.bits(&contracts, &of)?;
            let agreement = compare(&of, &bits, None);
            let when = reported(&contracts, target, epoch).map_err(|error| error.to_string());
            all.push((of, bits, agreement, when));
        }
        if json {
            let all = all.iter();
            let all = all.map(|(of, _, agreement, when)| as_json(of, agreement, when));
            return Ok(Answer::done(Value::from_iter(all).to_string()));
        }
        let texts = all
            .iter()
            .map(|(of, bits, agreement, when)| as_text(target, of, bits, agreement, when));
        Ok(Answer::done(texts.collect::<Vec<_>>().join("\n\n")))
    }
}

/// When attesters reported, or why that is not known.
type Whens = Result<BTreeMap<String, Reported>, String>;

fn as_json(of: &EvidenceResponse, agreement: &Agreement, when: &Whens) -> Value {
    let reports = agreement.reports.iter().map(|report| {
        json!({
            "attester": report.attester,
            "ran": report.ran,
            "evidence": report.evidence,
            "differs": report.differs,
            "reported": when.as_ref().ok().and_then(|all| all.get(&report.attester)),
        })
    });
    json!({
        "epoch": of.epoch,
        "step": of.step,
        "bits": of.bits,
        "reported": agreement.reported,
        "threshold": agreement.threshold,
        "quorum": agreement.quorum,
        "result": agreement.result,
        "reports": reports.collect::<Vec<_>>(),
        "reported_unknown": when.as_ref().err(),
    })
}

/// When an attester reported, in words; empty if he has not, or it is not known.
fn told_when(when: &Whens, attester: &str) -> String {
    let Some(reported) = when.as_ref().ok().and_then(|all| all.get(attester)) else {
        return String::new();
    };
    let time = reported.time.map_or_else(
        || "forgotten when".to_owned(),
        |time| minute(time.seconds()),
    );
    let again = match reported.reports {
        0 | 1 => String::new(),
        reports => format!(", {reports} times in all"),
    };
    format!("{time}, block {}{again}", thousands(reported.height.into()))
}

fn as_text(
    target: Target,
    of: &EvidenceResponse,
    bits: &Bits,
    agreement: &Agreement,
    when: &Whens,
) -> String {
    let quorum = match agreement.result {
        Some(ran) => format!("{ran} of {} {}s by the result", bits.count, target.noun()),
        None => "no result yet: too few have reported".to_owned(),
    };
    let mut table = Table::new();
    table
        .load_preset(UTF8_FULL_CONDENSED)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header([
            "attester", "ran", "reported", "differs", "which", "evidence",
        ]);
    for report in &agreement.reports {
        let ran = report
            .ran
            .map_or_else(|| "not reported".to_owned(), |ran| ran.to_string());
        table.add_row([
            report.attester.clone(),
            ran,
            told_when(when, &report.attester),
            report.differs.len().to_string(),
            some(&report.differs),
            report.evidence.clone().unwrap_or_default(),
        ]);
    }
    let unknown = match when {
        Ok(_) => String::new(),
        Err(why) => format!("\nwhen they reported is not known: {why}"),
    };
    format!(
        "epoch {}: {} of {} attesters have reported, {} must agree; {quorum}\n{table}{unknown}",
        of.epoch,
        agreement.reported,
        agreement.reports.len(),
        agreement.threshold
    )
}
