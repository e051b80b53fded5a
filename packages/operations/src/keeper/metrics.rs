//! A keeper's figures for Prometheus.

use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use noderev_api::common::{DenomSolvency, EvidenceResponse};
use noderev_chain::Network;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::look::{Due, Figures};
use crate::Contract;

type Labels = Vec<(&'static str, String)>;
type Number = Gauge<f64, AtomicU64>;
type Numbers = Family<Labels, Number>;
type Sum = Counter<f64, AtomicU64>;

/// How a task ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It was done.
    Done,
    /// Somebody else was faster.
    Lost,
    /// It was refused, and is still due.
    Failed,
}

impl Ending {
    const fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Lost => "lost",
            Self::Failed => "failed",
        }
    }
}

/// The figures, and how fresh they are.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    fresh: Mutex<Fresh>,
    stale_after: Duration,
    up: Number,
    last_success: Number,
    height: Number,
    block_age: Number,
    running: Numbers,
    next_close: Numbers,
    behind: Numbers,
    next_action: Numbers,
    actions: Family<Labels, Counter>,
    unknown: Family<Labels, Counter>,
    trouble: Counter,
    gas: Counter,
    fee: Sum,
    balance: Numbers,
    reports: Numbers,
    surplus: Numbers,
    solvent: Numbers,
}

/// When the chain was last seen, or why not.
#[derive(Debug)]
struct Fresh {
    seen: Option<Instant>,
    trouble: Option<String>,
}

impl Metrics {
    /// No figures yet. Health ends when the chain was not seen for `stale_after`.
    pub fn new(stale_after: Duration) -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("noderev_keeper"),
            fresh: Mutex::new(Fresh {
                seen: None,
                trouble: None,
            }),
            stale_after,
            up: Number::default(),
            last_success: Number::default(),
            height: Number::default(),
            block_age: Number::default(),
            running: Numbers::default(),
            next_close: Numbers::default(),
            behind: Numbers::default(),
            next_action: Numbers::default(),
            actions: Family::default(),
            unknown: Family::default(),
            trouble: Counter::default(),
            gas: Counter::default(),
            fee: Sum::default(),
            balance: Numbers::default(),
            reports: Numbers::default(),
            surplus: Numbers::default(),
            solvent: Numbers::default(),
        };
        metrics.register();
        metrics
    }

    fn register(&mut self) {
        let all = &mut self.registry;
        all.register(
            "up",
            "1 if the last look at the chain succeeded",
            self.up.clone(),
        );
        all.register(
            "last_success_timestamp_seconds",
            "When the chain was last seen, Unix seconds",
            self.last_success.clone(),
        );
        all.register(
            "chain_height",
            "Height of the latest block",
            self.height.clone(),
        );
        all.register(
            "chain_block_age_seconds",
            "Age of the latest block by this machine's clock",
            self.block_age.clone(),
        );
        all.register("epoch", "The running epoch", self.running.clone());
        all.register(
            "next_close_epoch",
            "The oldest epoch that is not closed",
            self.next_close.clone(),
        );
        all.register(
            "epochs_behind",
            "Ended epochs that are not closed",
            self.behind.clone(),
        );
        all.register(
            "next_action_seconds",
            "Seconds until something is due; below 0 it is overdue",
            self.next_action.clone(),
        );
        all.register("actions", "Actions by how they ended", self.actions.clone());
        all.register(
            "unknown_actions",
            "Times that something unknown to this program was due",
            self.unknown.clone(),
        );
        all.register(
            "trouble",
            "Times that the chain could not be asked or did not answer as it should",
            self.trouble.clone(),
        );
        all.register("gas_used", "Gas used", self.gas.clone());
        all.register(
            "fee_spent",
            "Fees of transactions, of refused ones too, units of the fee's coin",
            self.fee.clone(),
        );
        all.register(
            "balance",
            "What the keeper has left for fees, units of the fee's coin",
            self.balance.clone(),
        );
        all.register(
            "attesters",
            "Of the last ended epoch: attesters that reported, that must agree, that there are",
            self.reports.clone(),
        );
        all.register(
            "surplus",
            "Balance less liabilities, smallest units; below 0 money is missing",
            self.surplus.clone(),
        );
        all.register(
            "solvent",
            "1 if the books are balanced and the balance covers the liabilities",
            self.solvent.clone(),
        );
    }

    /// The chain was seen.
    pub fn saw(&self) {
        self.up.set(1.0);
        self.last_success.set(unix_seconds());
        let mut fresh = self.fresh.lock().unwrap_or_else(PoisonError::into_inner);
        *fresh = Fresh {
            seen: Some(Instant::now()),
            trouble: None,
        };
    }

    /// The chain could not be seen.
    pub fn failed(&self, why: &str) {
        self.up.set(0.0);
        self.trouble.inc();
        let mut fresh = self.fresh.lock().unwrap_or_else(PoisonError::into_inner);
        fresh.trouble = Some(why.to_owned());
    }

    /// What is due.
    pub fn due(&self, due: &Due) {
        self.next_action.clear();
        let now = float(due.now.seconds());
        for (place, from) in &due.next {
            let seconds = float(from.seconds()) - now;
            self.next_action.get_or_create(&at(*place)).set(seconds);
        }
        for unknown in &due.unknown {
            let labels = vec![
                ("contract", unknown.place.name().to_owned()),
                ("action", unknown.action.clone()),
            ];
            self.unknown.get_or_create(&labels).inc();
        }
    }

    /// The other figures.
    pub fn figures(&self, figures: &Figures, network: &Network) {
        self.height.set(float(figures.status.height));
        let age = unix_seconds() - float(figures.status.time.seconds());
        self.block_age.set(age.max(0.0));
        let coin = vec![("denom", network.denom.clone())];
        self.balance.get_or_create(&coin).set(wide(figures.balance));
        for closing in &figures.closing {
            let labels = at(closing.place);
            let set = |numbers: &Numbers, number: u32| {
                numbers.get_or_create(&labels).set(f64::from(number));
            };
            set(&self.running, closing.running.0);
            set(&self.next_close, closing.next.0);
            set(&self.behind, closing.running.since(closing.next));
        }
        for (place, evidence) in &figures.evidence {
            self.evidence(*place, evidence);
        }
        // What a contract does not tell any more must not stand as it was.
        self.surplus.clear();
        self.solvent.clear();
        for (place, solvency) in &figures.solvency {
            for denom in &solvency.denoms {
                self.money(*place, denom);
            }
        }
    }

    fn evidence(&self, place: Contract, evidence: &EvidenceResponse) {
        let reported = evidence.reports.iter().filter(|it| it.bitmap.is_some());
        let numbers = [
            ("reported", reported.count()),
            (
                "threshold",
                usize::try_from(evidence.threshold).unwrap_or(usize::MAX),
            ),
            ("total", evidence.reports.len()),
        ];
        for (what, number) in numbers {
            let labels = with(at(place), "count", what);
            let number = u32::try_from(number).unwrap_or(u32::MAX);
            self.reports.get_or_create(&labels).set(f64::from(number));
        }
    }

    fn money(&self, place: Contract, denom: &DenomSolvency) {
        let labels = with(at(place), "denom", &denom.denom.to_string());
        let (balance, owed) = (denom.balance.u128(), denom.liabilities.u128());
        let size = wide(balance.abs_diff(owed));
        let surplus = if balance >= owed { size } else { -size };
        self.surplus.get_or_create(&labels).set(surplus);
        let solvent = f64::from(u8::from(denom.solvent));
        self.solvent.get_or_create(&labels).set(solvent);
    }

    /// A task has ended.
    pub fn ended(&self, place: Contract, action: &str, ending: Ending) {
        let labels = with(with(at(place), "action", action), "result", ending.name());
        self.actions.get_or_create(&labels).inc();
    }

    /// A transaction is in a block and has paid this fee, whatever came of it.
    pub fn paid(&self, fee: u128) {
        self.fee.inc_by(wide(fee));
    }

    /// A transaction did what it should, with this gas.
    pub fn used(&self, gas: u64) {
        self.gas.inc_by(gas);
    }

    /// The text for Prometheus, in the OpenMetrics format.
    pub fn text(&self) -> String {
        let mut text = String::new();
        match encode(&mut text, &self.registry) {
            Ok(()) => text,
            Err(error) => format!("# {error}\n"),
        }
    }

    /// Why the keeper is not well; none if it is.
    pub fn sickness(&self) -> Option<String> {
        let fresh = self.fresh.lock().unwrap_or_else(PoisonError::into_inner);
        let age = fresh.seen.map(|seen| seen.elapsed());
        let trouble = fresh.trouble.as_deref().unwrap_or("nothing was asked yet");
        match age {
            Some(age) if age <= self.stale_after => None,
            Some(age) => Some(format!(
                "the chain was last seen {} s ago: {trouble}",
                age.as_secs()
            )),
            None => Some(format!("the chain was never seen: {trouble}")),
        }
    }
}

fn at(place: Contract) -> Labels {
    vec![("contract", place.name().to_owned())]
}

fn with(mut labels: Labels, name: &'static str, value: &str) -> Labels {
    labels.push((name, value.to_owned()));
    labels
}

fn unix_seconds() -> f64 {
    let now = std::time::UNIX_EPOCH.elapsed();
    now.map_or(0.0, |now| now.as_secs_f64())
}

/// Figures that people look at may lose their last digits above 2^53.
#[allow(clippy::cast_precision_loss, reason = "only shown")]
fn float(number: u64) -> f64 {
    number as f64
}

#[allow(clippy::cast_precision_loss, reason = "only shown")]
fn wide(number: u128) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use cosmwasm_std::Timestamp;
    use noderev_api::common::SolvencyResponse;
    use noderev_chain::{Networks, Status};
    use noderev_components::{AsOf, Denom, Epoch};

    use crate::keeper::look::Closing;

    fn line(metrics: &Metrics, begins: &str) -> String {
        let text = metrics.text();
        let found = text.lines().find(|line| line.starts_with(begins));
        found
            .unwrap_or_else(|| panic!("{begins}: {text}"))
            .to_owned()
    }

    fn solvency(balance: u128) -> DenomSolvency {
        DenomSolvency {
            denom: Denom::Native("uusdc".into()),
            received: 10u128.into(),
            paid: 0u128.into(),
            owed: vec![],
            carried: vec![],
            liabilities: 1_000_000_000_000_000_000_000_000_010u128.into(),
            balance: balance.into(),
            surplus: 0u128.into(),
            solvent: balance > 0,
        }
    }

    #[test]
    fn health_needs_a_fresh_look() {
        let metrics = Metrics::new(Duration::from_secs(60));
        assert!(metrics.sickness().unwrap().contains("never seen"));
        metrics.failed("no route");
        assert!(metrics.sickness().unwrap().ends_with("no route"));
        metrics.saw();
        assert_eq!(metrics.sickness(), None);
        assert_eq!(line(&metrics, "noderev_keeper_up"), "noderev_keeper_up 1.0");
        // One failure is not yet sickness, but it is told.
        metrics.failed("no route");
        assert_eq!(metrics.sickness(), None);
        assert_eq!(line(&metrics, "noderev_keeper_up"), "noderev_keeper_up 0.0");
        assert_eq!(
            line(&metrics, "noderev_keeper_trouble_total"),
            "noderev_keeper_trouble_total 2"
        );
        let stale = Metrics::new(Duration::ZERO);
        stale.saw();
        std::thread::sleep(Duration::from_millis(2));
        assert!(stale.sickness().is_some());
    }

    #[test]
    fn figures_are_told_by_contract() {
        let metrics = Metrics::new(Duration::from_secs(60));
        let network = Networks::built_in().unwrap().get("local").unwrap().clone();
        let missing_one = solvency(1_000_000_000_000_000_000_000_000_009);
        let as_of = AsOf {
            height: 77,
            time: Timestamp::from_seconds(1_000),
            seq: 1,
        };
        let books = SolvencyResponse {
            denoms: vec![missing_one],
            as_of,
        };
        let mut figures = Figures {
            status: Status {
                chain_id: "noderev-local".into(),
                height: 77,
                time: Timestamp::from_seconds(1_000),
            },
            balance: 5_000,
            closing: vec![Closing {
                place: Contract::Distributor,
                running: Epoch(9),
                next: Epoch(6),
            }],
            evidence: vec![],
            solvency: vec![(Contract::Vault, books)],
        };
        metrics.figures(&figures, &network);
        metrics.ended(Contract::Distributor, "close_epoch", Ending::Lost);
        metrics.paid(70);
        metrics.paid(7);
        for expected in [
            "noderev_keeper_chain_height 77.0",
            "noderev_keeper_epochs_behind{contract=\"distributor\"} 3.0",
            "noderev_keeper_balance{denom=\"ulocal\"} 5000.0",
            "noderev_keeper_fee_spent_total 77.0",
            "noderev_keeper_surplus{contract=\"vault\",denom=\"native:uusdc\"} -1.0",
            "noderev_keeper_actions_total{contract=\"distributor\",action=\"close_epoch\",result=\"lost\"} 1",
        ] {
            let begins = expected.rsplit_once(' ').unwrap().0;
            assert_eq!(line(&metrics, begins), expected);
        }
        // The vault does not answer any more.
        figures.solvency.clear();
        metrics.figures(&figures, &network);
        for gone in ["noderev_keeper_surplus{", "noderev_keeper_solvent{"] {
            assert!(!metrics.text().contains(gone), "{gone}");
        }
    }
}
