//! Charts, tables and sentences about delegations.

use super::chart::{self, Axes, Ink, Mark};
use super::figures::{epoch_axes, peak, stack_of, Figure};
use super::spread::{histogram, nice_step, top_of};
use super::tables::DataTable;
use super::tiles::Tile;
use super::{ReportError, Section};
use crate::format::{compact, date, exact_units, float_units, percent, thousands, units};
use crate::results::{DelegationRow, Delegations, MintRow, RunResult, ShareRow};

/// Rows shown of a ranking.
const TOP: usize = 15;
/// Bars of a histogram.
const BINS: f64 = 24.0;
/// Epochs over which a delegation's latest reward is shown.
const RECENT: usize = 30;

/// Delegations and the token that is minted for them.
struct View<'a> {
    result: &'a RunResult,
    all: &'a Delegations,
    token: &'a str,
    decimals: u32,
}

impl<'a> View<'a> {
    fn of(result: &'a RunResult) -> Option<Self> {
        let (token, decimals) = result.network.currency(result.network.denominations.len());
        let all = result.delegations.as_ref()?;
        Some(Self {
            result,
            all,
            token,
            decimals,
        })
    }

    fn float(&self, amount: u128) -> f64 {
        float_units(amount, self.decimals)
    }

    fn judged(&self) -> impl Iterator<Item = &MintRow> {
        self.all.epochs.iter().filter(|row| row.quorum)
    }
}

/// The section about delegations, if the network has them.
pub(super) fn section(result: &RunResult) -> Result<Option<Section>, ReportError> {
    let Some(view) = View::of(result) else {
        return Ok(None);
    };
    Ok(Some(Section {
        heading: "Delegations and the mint".into(),
        intro: intro(&view),
        figures: vec![
            slots(&view)?,
            minted(&view)?,
            per_thousand(&view)?,
            sizes(&view)?,
        ],
        tables: vec![largest(&view), missed_quorums(&view)],
    }))
}

/// Headline figures of delegations.
pub(super) fn tiles(result: &RunResult) -> Vec<Tile> {
    let Some(view) = View::of(result) else {
        return Vec::new();
    };
    let minted = view.all.sum(|row| row.minted);
    let unminted = view.all.sum(MintRow::unminted);
    vec![
        Tile {
            name: format!("{} minted", view.token),
            value: compact(view.float(minted)),
            note: format!("{} not minted", compact(view.float(unminted))),
        },
        Tile {
            name: "Slots used".into(),
            value: percent(view.all.used()),
            note: format!("by {} delegations", number(view.all.ids.len())),
        },
    ]
}

/// Received = paid + owed + ..., of the delegation contract.
pub(super) fn books(result: &RunResult) -> Option<DataTable> {
    let view = View::of(result)?;
    let lines = super::tables::BOOK_LINES.iter();
    let amounts = super::tables::book_lines(&view.all.books);
    let rows = lines.zip(amounts).map(|(line, amount)| {
        let amount = exact_units(amount, view.decimals);
        vec![(*line).to_owned(), amount]
    });
    Some(DataTable {
        title: "The delegation contract's books".into(),
        words: 1,
        header: vec![String::new(), view.token.to_owned()],
        rows: rows.collect(),
    })
}

/// The parameters of delegations.
pub(super) fn parameters(result: &RunResult) -> Vec<(&'static str, String)> {
    let Some(rules) = &result.network.delegation else {
        return Vec::new();
    };
    let quintessence = |amount: u64| thousands(amount.into());
    vec![
        ("Quintessence per slot", quintessence(rules.slot_size)),
        (
            "Own Quintessence of a delegation",
            quintessence(rules.own_quintessence),
        ),
        (
            "Unbonding of NFTs",
            format!("{} s", thousands(rules.unbonding_period_s.into())),
        ),
    ]
}

fn intro(view: &View<'_>) -> String {
    let last = view.all.epochs.last().cloned().unwrap_or_default();
    let dormant = match view.all.dormant() {
        0 => String::new(),
        dormant => format!(" {} of them dormant at the end,", number(dormant)),
    };
    format!(
        "{} delegations,{dormant} with {} members and {} Quintessence at the end. Members earned \
         {} {token}, owners {} {token} by commission.",
        number(view.all.ids.len()),
        number(view.all.members_at_end()),
        thousands(last.total.saturating_sub(last.undelegated)),
        units(view.all.earned(|row| row.earned), view.decimals),
        units(view.all.earned(|row| row.commission), view.decimals),
        token = view.token
    )
}

fn slots(view: &View<'_>) -> Result<Figure, ReportError> {
    let inks = [chart::STAKED, chart::UNSTAKED];
    let mut marks = Vec::new();
    for row in view.judged() {
        let parts = [row.captured.into(), row.idle().into()];
        marks.extend(stack_of(at(row), &parts, &inks, 0));
    }
    let eligible: Vec<(f64, f64)> = view
        .judged()
        .flat_map(|row| [at(row), at(row) + 1.0].map(|x| (x, f64::from(row.eligible))))
        .collect();
    let slots = view.judged().map(|row| f64::from(row.slots));
    let top = slots.fold(peak(&eligible).1, f64::max) * 1.12;
    marks.push(Mark::Line(chart::LIMIT, eligible));
    let last = view.judged().last();
    let title = format!(
        "{} of slots were used; {} of {} were idle at the end",
        percent(view.all.used()),
        last.map_or(0, MintRow::idle),
        last.map_or(0, |row| row.slots)
    );
    let caption = "Validator slots that Quintessence unlocked per epoch, and whether an eligible \
                   validator captured them; eligible validators beyond their delegation's slots \
                   earn nothing. Gaps are epochs without a quorum."
        .to_owned();
    let legend: Vec<(Ink, &'static str)> = vec![
        (chart::STAKED, "used"),
        (chart::UNSTAKED, "idle"),
        (chart::LIMIT, "eligible validators"),
    ];
    let axes = epoch_axes(view.result, top, "slots", &compact);
    Ok(Figure::across(title, caption, &axes, &marks)?.with_legend(legend))
}

fn minted(view: &View<'_>) -> Result<Figure, ReportError> {
    let inks = [chart::POOL, chart::TREASURY];
    let rows = view.all.epochs.iter();
    let marks = rows.flat_map(|row| {
        let parts = [row.minted, row.unminted()];
        stack_of(at(row), &parts, &inks, view.decimals)
    });
    let marks: Vec<Mark> = marks.collect();
    let rows = view.all.epochs.iter();
    let top = rows.map(|row| view.float(row.mint)).fold(0.0, f64::max) * 1.12;
    let minted = view.float(view.all.sum(|row| row.minted));
    let possible = view.float(view.all.sum(|row| row.mint));
    let title = format!(
        "{} of the {} {} on the schedule were minted",
        percent(minted / possible.max(f64::MIN_POSITIVE)),
        compact(possible),
        view.token
    );
    let caption = format!(
        "Per epoch, in {}. What no slot captures is not minted, nor is anything without a quorum; \
         injections of {} in all are used up before the mint is.",
        view.token,
        compact(view.float(view.all.sum(|row| row.injected)))
    );
    let axes = epoch_axes(view.result, top, view.token, &compact);
    let legend = vec![(chart::POOL, "minted"), (chart::TREASURY, "not minted")];
    Ok(Figure::across(title, caption, &axes, &marks)?.with_legend(legend))
}

/// Delegations that captured a slot, per epoch: best, median, worst.
fn per_thousand(view: &View<'_>) -> Result<Figure, ReportError> {
    let mut lines: [Vec<(f64, f64)>; 3] = Default::default();
    for mint in view.judged() {
        let mut rates: Vec<u128> = view
            .all
            .shares
            .iter()
            .filter(|row| row.epoch == mint.epoch && row.captured > 0)
            .map(|row| row.per_thousand)
            .collect();
        rates.sort_unstable();
        let picked = [rates.last(), rates.get(rates.len() / 2), rates.first()];
        for (line, rate) in lines.iter_mut().zip(picked) {
            line.extend(rate.map(|rate| (at(mint) + 0.5, view.float(*rate))));
        }
    }
    let [best, median, worst] = lines;
    let last = |line: &[(f64, f64)]| line.last().map_or(0.0, |point| point.1);
    let title = format!(
        "1,000 Quintessence earned {} {} a day in the median delegation at the end",
        compact(last(&median)),
        view.token
    );
    let caption = "Per epoch, commission taken off, over the delegations that captured a slot. \
                   What lies above full slots or waits for an eligible validator lowers it."
        .to_owned();
    let top = peak(&best).1 * 1.08;
    let marks = [
        Mark::Line(chart::POOL, best),
        Mark::Line(chart::STAKED, median),
        Mark::Line(chart::CARRIED, worst),
    ];
    let legend = vec![
        (chart::POOL, "best"),
        (chart::STAKED, "median"),
        (chart::CARRIED, "worst"),
    ];
    let axes = epoch_axes(view.result, top, view.token, &compact);
    Ok(Figure::new(title, caption, &axes, &marks)?.with_legend(legend))
}

fn sizes(view: &View<'_>) -> Result<Figure, ReportError> {
    let rules = view.result.network.delegation.as_ref();
    let slot_size = rules.map_or(1.0, |rules| rules.slot_size as f64);
    let mut sizes: Vec<f64> = view
        .all
        .ids
        .iter()
        .map(|row| row.quintessence as f64)
        .collect();
    sizes.sort_by(f64::total_cmp);
    let largest = sizes.last().copied().unwrap_or(0.0);
    let width = nice_step(largest / BINS).max(slot_size);
    let marks = histogram(&sizes, width);
    let slotless = view.all.ids.iter().filter(|row| row.slots == 0).count();
    let title = format!(
        "{} of {} delegations had no slot at the end, the largest had {}",
        number(slotless),
        number(view.all.ids.len()),
        view.all.ids.iter().map(|row| row.slots).max().unwrap_or(0)
    );
    let caption = format!(
        "Delegations by their Quintessence; a bar is {} wide, a slot takes {}.",
        compact(width),
        compact(slot_size)
    );
    let axes = Axes {
        x: 0.0..width * (largest / width).floor() + width,
        x_name: "Quintessence",
        x_ticks: None,
        x_label: &compact,
        top: top_of(&marks) * 1.08,
        y_name: "delegations",
        y_label: &compact,
    };
    Figure::new(title, caption, &axes, &marks)
}

fn largest(view: &View<'_>) -> DataTable {
    let mut ids: Vec<&DelegationRow> = view.all.ids.iter().collect();
    ids.sort_by(|a, b| {
        let order = b.quintessence.cmp(&a.quintessence);
        order.then(a.delegation.cmp(&b.delegation))
    });
    let header = [
        "Delegation",
        "Owner",
        "Standing",
        "Quintessence",
        "Members",
        "Slots",
        "Validators",
        "Used",
        "Commission",
    ];
    let mut header: Vec<String> = header.into_iter().map(str::to_owned).collect();
    header.push(format!("{} earned", view.token));
    header.push("Per 1,000, last 30".to_owned());
    DataTable {
        title: "The largest delegations at the end".into(),
        words: 3,
        header,
        rows: ids
            .into_iter()
            .take(TOP)
            .map(|row| delegation_row(view, row))
            .collect(),
    }
}

fn delegation_row(view: &View<'_>, row: &DelegationRow) -> Vec<String> {
    let used = match row.slot_epochs {
        0 => "–".to_owned(),
        slots => percent(row.captured as f64 / slots as f64),
    };
    let shares = view.all.shares_of(row.delegation).iter();
    let recent: Vec<&ShareRow> = shares.rev().take(RECENT).collect();
    let per_thousand = recent
        .iter()
        .fold(0_u128, |sum, share| sum.saturating_add(share.per_thousand));
    vec![
        row.delegation.to_string(),
        row.owner.clone(),
        row.standing.name().to_owned(),
        thousands(row.quintessence),
        thousands(row.members.into()),
        row.slots.to_string(),
        row.validators.to_string(),
        used,
        percent(f64::from(row.commission) / 10_000.0),
        units(row.reward, view.decimals),
        units(per_thousand, view.decimals),
    ]
}

fn missed_quorums(view: &View<'_>) -> DataTable {
    let header = ["Epoch", "Date", "Reports", "Not minted", "Into the drip"];
    let missed = view.all.epochs.iter().filter(|row| !row.quorum);
    let row = |row: &MintRow| {
        vec![
            row.epoch.to_string(),
            date(row.start),
            format!("{} of {}", row.reports, row.attesters),
            units(row.unminted(), view.decimals),
            units(row.drip_out, view.decimals),
        ]
    };
    DataTable {
        title: format!("Epochs without a quorum on validators, in {}", view.token),
        words: 0,
        header: header.into_iter().map(str::to_owned).collect(),
        rows: missed.map(row).collect(),
    }
}

fn at(row: &MintRow) -> f64 {
    row.epoch as f64
}

fn number(number: usize) -> String {
    thousands(u128::try_from(number).unwrap_or(0))
}
