//! Revenue, evidence, closes, disputes, claims.

use std::collections::BTreeMap;

use num_bigint::{BigInt, BigUint};
use num_rational::BigRational;

use super::{
    check_list, refuse_if, Answer, Denom, Ended, Epoch, Key, Shadow, Versions, Who, FIXED,
};

/// The distributor's parameters.
#[derive(Clone, Debug)]
pub struct ShareParams {
    /// Basis points.
    pub network: u128,
    /// Basis points.
    pub unstaked: u128,
    /// Whether all running nodes share what an underfunded pool leaves; else the unstaked ones.
    pub remainder_to_all: bool,
    /// Who reports.
    pub attesters: Vec<Who>,
    /// How many must agree.
    pub threshold: usize,
    /// Seconds.
    pub report_window: u64,
    /// Seconds.
    pub appeal_window: u64,
    /// Seconds.
    pub ruling_window: u64,
    /// QST units per key.
    pub bond: u128,
}

/// One currency.
#[derive(Clone, Debug, Default)]
pub struct Money {
    /// All that came in.
    pub received: u128,
    /// All that went out.
    pub paid: u128,
    /// Revenue by epoch, deposits spread.
    pub revenue: BTreeMap<Epoch, u128>,
    /// Joins the next pot.
    pub carry: u128,
    /// What epochs without anybody to pay left.
    pub drip: u128,
    /// Joins the pool's next share.
    pub pool_extra: u128,
    /// Fixed-point parts that the pool's last share left undivided.
    pub pool_remainder: BigUint,
    /// Whole units that were given to the pool so far.
    pub pool_funded: u128,
    /// Set aside for disputed keys.
    pub held: u128,
    /// Bonds that are bound.
    pub bonds: u128,
}

/// What a key was in a closed epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Judged not running, or no quorum.
    Idle,
    /// Disputed.
    Held,
    /// Ran, staked.
    Staked,
    /// Ran, unstaked.
    Unstaked,
}

/// A closed epoch's pot in one currency.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pot {
    /// Gross revenue.
    pub revenue: u128,
    /// The network's part.
    pub network: u128,
    /// Carried in.
    pub carry_in: u128,
    /// Moved in from the drip.
    pub drip_in: u128,
    /// What was shared.
    pub pot: u128,
    /// p.
    pub p: u128,
    /// d.
    pub d: u128,
    /// r.
    pub r: u128,
    /// What a staked running node got, and what was set aside for a held one.
    pub full: u128,
    /// The pool's part.
    pub pool: u128,
    /// Carried on.
    pub carry: u128,
    /// Moved into the drip.
    pub drip_out: u128,
}

/// A closed epoch.
#[derive(Clone, Debug)]
pub struct Closed {
    /// Unix seconds.
    pub at: u64,
    /// Whether enough attesters reported.
    pub quorum: bool,
    /// N.
    pub running: u32,
    /// Held ones among them.
    pub held: u32,
    /// U.
    pub unstaked: u32,
    /// S.
    pub pool_stake: u128,
    /// Per key.
    pub classes: Vec<Class>,
    /// Per currency.
    pub pots: Vec<Pot>,
}

/// What is disputed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Judged not running.
    Appeal,
    /// Judged running.
    Challenge,
}

/// How a dispute ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It has not.
    Open,
    /// Right.
    Upheld,
    /// Wrong.
    Rejected,
    /// No ruling in time.
    NoRuling,
}

/// A disputed key.
#[derive(Clone, Debug)]
pub struct Dispute {
    /// What is disputed.
    pub kind: Kind,
    /// By whom.
    pub by: Who,
    /// QST units.
    pub bond: u128,
    /// How it ended.
    pub outcome: Outcome,
}

/// In what role something was earned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// With keys.
    Nodes,
    /// With pool stake.
    Pool,
    /// Bonds back, and a challenger's tenth.
    Bonds,
    /// As treasury.
    Treasury,
}

/// Where an epoch stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Running.
    Open,
    /// Reports are taken; until when, if that is known.
    Reporting(Option<u64>),
    /// Can be disputed until then.
    Appeals(u64),
    /// Can be closed since then.
    Due(u64),
    /// Closed.
    Closed,
}

impl Shadow {
    fn params_of(&self, epoch: Epoch) -> &ShareParams {
        self.share_params.at(epoch)
    }

    /// The oldest epoch that is not closed.
    pub fn next_close(&self) -> Epoch {
        self.closed.len() as Epoch
    }

    /// Deposits revenue.
    pub fn deposit(
        &mut self,
        denom: Denom,
        amount: u128,
        over: u32,
        source: &str,
        reference: &str,
    ) -> Answer {
        refuse_if(self.deposits.is_on(self.now), "paused")?;
        refuse_if(amount == 0, "nothing sent")?;
        refuse_if(!(1..=366).contains(&over), "span")?;
        let bad = |text: &str| text.is_empty() || text.len() > 256;
        refuse_if(bad(source) || bad(reference), "text")?;
        let entry = (source.to_string(), reference.to_string());
        refuse_if(self.references.contains(&entry), "used")?;
        self.references.push(entry);
        let money = &mut self.money[denom];
        money.received += amount;
        let last = self.epoch + over - 1;
        for epoch in self.epoch..=last {
            *money.revenue.entry(epoch).or_default() += amount / u128::from(over);
        }
        *money.revenue.entry(last).or_default() += amount % u128::from(over);
        Ok(())
    }

    /// Where an epoch stands.
    pub fn step(&self, epoch: Epoch) -> Step {
        if epoch < self.next_close() {
            return Step::Closed;
        }
        if epoch >= self.epoch {
            return Step::Open;
        }
        let params = self.params_of(epoch);
        let ends = self.start_of(epoch + 1);
        let before = match epoch.checked_sub(1) {
            None => Some(self.genesis.start),
            Some(before) => self.closed.get(before as usize).map(|closed| closed.at),
        };
        let window = before.map(|closed| closed.max(ends) + params.report_window);
        let fixed = match self.completed.get(&epoch) {
            Some(completed) => *completed,
            None => match window {
                Some(until) if until <= self.now => until,
                window => return Step::Reporting(window),
            },
        };
        // Nothing to dispute where there is no result.
        let disputes = if self.has_quorum(epoch) {
            params.appeal_window
        } else {
            0
        };
        if self.now < fixed + disputes {
            Step::Appeals(fixed + disputes)
        } else {
            Step::Due(fixed + disputes)
        }
    }

    fn has_quorum(&self, epoch: Epoch) -> bool {
        let params = self.params_of(epoch);
        let reported = |who: &&Who| self.reports.contains_key(&(epoch, **who));
        params.attesters.iter().filter(reported).count() >= params.threshold
    }

    /// Bits of a report on an ended epoch.
    pub fn report_bits(&self, epoch: Epoch) -> Option<usize> {
        self.ended
            .get(epoch as usize)
            .map(|ended| ended.reported.len())
    }

    /// An attester's report.
    pub fn report(&mut self, by: Who, epoch: Epoch, bits: &[bool]) -> Answer {
        refuse_if(epoch >= self.epoch, "not ended")?;
        let params = self.params_of(epoch).clone();
        refuse_if(!params.attesters.contains(&by), "no attester")?;
        let open = matches!(self.step(epoch), Step::Reporting(_));
        refuse_if(!open, "result is fixed")?;
        refuse_if(self.report_bits(epoch) != Some(bits.len()), "length")?;
        self.reports.insert((epoch, by), bits.to_vec());
        let missing = |who: &Who| !self.reports.contains_key(&(epoch, *who));
        if !params.attesters.iter().any(missing) {
            self.completed.insert(epoch, self.now);
        }
        Ok(())
    }

    /// Who ran, by key; none without a quorum.
    pub fn result(&self, epoch: Epoch) -> Option<Vec<bool>> {
        let params = self.params_of(epoch);
        let votes: Vec<&Vec<bool>> = params
            .attesters
            .iter()
            .filter_map(|who| self.reports.get(&(epoch, *who)))
            .collect();
        if votes.len() < params.threshold {
            return None;
        }
        let ended = &self.ended[epoch as usize];
        let mut ran = vec![false; ended.owners.len()];
        for (bit, keys) in ended.reported.iter().enumerate() {
            let agree = votes.iter().filter(|vote| vote[bit]).count();
            for key in keys {
                ran[*key as usize - 1] = agree >= params.threshold;
            }
        }
        Some(ran)
    }

    /// Appeals for, or challenges, keys.
    pub fn dispute(
        &mut self,
        by: Who,
        kind: Kind,
        epoch: Epoch,
        keys: &[Key],
        sent: u128,
    ) -> Answer {
        let open = matches!(self.step(epoch), Step::Appeals(_));
        refuse_if(!open, "not now")?;
        check_list(keys)?;
        let bond = self.params_of(epoch).bond;
        refuse_if(sent != bond * keys.len() as u128, "bond")?;
        let ran = self.result(epoch).ok_or("no quorum")?;
        for key in keys {
            let at = (*key as usize).checked_sub(1).ok_or("no such key")?;
            let ran = ran.get(at).ok_or("no such key")?;
            refuse_if(*ran != (kind == Kind::Challenge), "judged otherwise")?;
            refuse_if(self.disputes.contains_key(&(epoch, *key)), "disputed")?;
            if kind == Kind::Appeal {
                let ended = &self.ended[epoch as usize];
                let operator = self.keys[at].operator == Some((by, ended.hands[at]));
                refuse_if(ended.owners[at] != by && !operator, "not the payee")?;
            }
        }
        let qst = self
            .genesis
            .qst
            .expect("disputes need QST among the currencies");
        self.money[qst].received += sent;
        self.money[qst].bonds += sent;
        for key in keys {
            let dispute = Dispute {
                kind,
                by,
                bond,
                outcome: Outcome::Open,
            };
            self.disputes.insert((epoch, *key), dispute);
        }
        Ok(())
    }

    /// Closes the oldest epoch.
    pub fn close(&mut self, epoch: Epoch) -> Answer {
        refuse_if(epoch != self.next_close(), "another one is next")?;
        let due = matches!(self.step(epoch), Step::Due(_));
        refuse_if(!due, "not due")?;
        let ended = self.ended[epoch as usize].clone();
        let result = self.result(epoch);
        let classes: Vec<Class> = (0..ended.owners.len())
            .map(|at| self.class(epoch, at, &ended, result.as_deref()))
            .collect();
        let count = |class| classes.iter().filter(|it| **it == class).count() as u32;
        let (held, unstaked) = (count(Class::Held), count(Class::Unstaked));
        let mut closed = Closed {
            at: self.now,
            quorum: result.is_some(),
            running: count(Class::Staked) + unstaked + held,
            held,
            unstaked,
            pool_stake: ended.pool.values().sum(),
            classes,
            pots: vec![],
        };
        for denom in 0..self.money.len() {
            let pot = self.share_pot(epoch, denom, &closed, &ended);
            closed.pots.push(pot);
        }
        self.closed.push(closed);
        Ok(())
    }

    fn class(&self, epoch: Epoch, at: usize, ended: &Ended, ran: Option<&[bool]>) -> Class {
        let disputed = self.disputes.contains_key(&(epoch, at as Key + 1));
        match ran {
            Some(_) if disputed => Class::Held,
            Some(ran) if ran[at] && ended.staked[at] => Class::Staked,
            Some(ran) if ran[at] => Class::Unstaked,
            _ => Class::Idle,
        }
    }

    fn share_pot(&mut self, epoch: Epoch, denom: Denom, closed: &Closed, ended: &Ended) -> Pot {
        let params = self.params_of(epoch).clone();
        let treasury = self.genesis.offices.treasury;
        let money = &mut self.money[denom];
        let revenue = money.revenue.remove(&epoch).unwrap_or(0);
        let network = (revenue * params.network).div_ceil(10_000);
        let mut pot = Pot {
            revenue,
            network,
            ..Pot::default()
        };
        if closed.running == 0 {
            pot.carry_in = std::mem::take(&mut money.carry);
            pot.drip_out = network + pot.carry_in;
            money.drip += pot.drip_out;
            self.earn(treasury, Role::Treasury, denom, revenue - network);
            return pot;
        }
        pot.carry_in = std::mem::take(&mut money.carry);
        pot.drip_in = money.drip.div_ceil(30);
        money.drip -= pot.drip_in;
        pot.pot = network + pot.carry_in + pot.drip_in;
        divide(&mut pot, &params, closed, ended.requirement);
        money.carry = pot.carry;
        money.held += pot.full * u128::from(closed.held);
        self.earn(treasury, Role::Treasury, denom, revenue - network);
        for (at, class) in closed.classes.iter().enumerate() {
            let amount = match class {
                Class::Staked => pot.full,
                Class::Unstaked => pot.d + pot.r,
                Class::Idle | Class::Held => 0,
            };
            self.earn_with_key(ended.owners[at], at as Key + 1, denom, amount);
        }
        self.share_pool(denom, pot.pool, ended);
        pot
    }

    fn share_pool(&mut self, denom: Denom, share: u128, ended: &Ended) {
        let money = &mut self.money[denom];
        let weight: u128 = ended.pool.values().sum();
        if weight == 0 {
            return;
        }
        let share = share + std::mem::take(&mut money.pool_extra);
        money.pool_funded += share;
        let x = BigUint::from(share) * FIXED + &money.pool_remainder;
        let each = &x / weight;
        money.pool_remainder = &x % weight;
        for (who, stake) in &ended.pool {
            *self.pool_fixed.entry((*who, denom)).or_default() += &each * *stake;
            if let Some(exact) = &mut self.exact {
                let part = BigRational::new(BigInt::from(share) * *stake, BigInt::from(weight));
                *exact
                    .entry((*who, denom))
                    .or_insert_with(|| BigRational::from(BigInt::from(0))) += part;
            }
        }
    }

    fn earn(&mut self, who: Who, role: Role, denom: Denom, amount: u128) {
        if amount > 0 {
            *self.earned.entry((who, role, denom)).or_default() += amount;
        }
    }

    fn earn_with_key(&mut self, who: Who, key: Key, denom: Denom, amount: u128) {
        self.earn(who, Role::Nodes, denom, amount);
        if amount > 0 {
            *self.by_key.entry((who, key, denom)).or_default() += amount;
        }
    }

    /// The arbiter rules.
    pub fn rule(&mut self, by: Who, epoch: Epoch, keys: &[Key], upheld: bool) -> Answer {
        self.only(self.genesis.offices.arbiter, by)?;
        let deadline = self.deadline(epoch, keys)?;
        refuse_if(self.now >= deadline, "too late")?;
        for key in keys {
            let outcome = if upheld {
                Outcome::Upheld
            } else {
                Outcome::Rejected
            };
            self.end_dispute(epoch, *key, outcome);
        }
        Ok(())
    }

    /// Nobody ruled in time.
    pub fn resolve(&mut self, epoch: Epoch, keys: &[Key]) -> Answer {
        let deadline = self.deadline(epoch, keys)?;
        refuse_if(self.now < deadline, "too early")?;
        for key in keys {
            self.end_dispute(epoch, *key, Outcome::NoRuling);
        }
        Ok(())
    }

    /// The end of the arbiter's time, if these keys' disputes are open.
    fn deadline(&self, epoch: Epoch, keys: &[Key]) -> Answer<u64> {
        check_list(keys)?;
        refuse_if(keys.len() > 30, "more keys than one message rules on")?;
        let closed = self.closed.get(epoch as usize).ok_or("not closed")?;
        for key in keys {
            let dispute = self.disputes.get(&(epoch, *key)).ok_or("not disputed")?;
            refuse_if(dispute.outcome != Outcome::Open, "ended")?;
        }
        Ok(closed.at + self.params_of(epoch).ruling_window)
    }

    fn end_dispute(&mut self, epoch: Epoch, key: Key, outcome: Outcome) {
        let dispute = self
            .disputes
            .get_mut(&(epoch, key))
            .expect("it was checked");
        dispute.outcome = outcome;
        let Dispute { kind, by, bond, .. } = dispute.clone();
        let owner = self.ended[epoch as usize].owners[key as usize - 1];
        let bond_to = match (kind, outcome) {
            (Kind::Appeal, Outcome::Rejected) => self.genesis.offices.treasury,
            (Kind::Challenge, Outcome::Rejected) => owner,
            _ => by,
        };
        let qst = self.genesis.qst.expect("there is a bond");
        self.money[qst].bonds -= bond;
        let role = match (kind, outcome) {
            (Kind::Appeal, Outcome::Rejected) => Role::Treasury,
            _ => Role::Bonds,
        };
        self.earn(bond_to, role, qst, bond);
        for denom in 0..self.money.len() {
            match (kind, outcome) {
                (Kind::Appeal, Outcome::Upheld) => self.pay_held(epoch, key, denom),
                (Kind::Appeal, _) => {
                    self.take_held(epoch, denom, |money, aside| money.carry += aside);
                }
                (Kind::Challenge, Outcome::Upheld) => {
                    let tenth = self.take_held(epoch, denom, |money, aside| {
                        money.carry += aside - aside / 10;
                    }) / 10;
                    self.earn(by, Role::Bonds, denom, tenth);
                }
                (Kind::Challenge, _) => self.pay_held(epoch, key, denom),
            }
        }
    }

    fn take_held(
        &mut self,
        epoch: Epoch,
        denom: Denom,
        give: impl FnOnce(&mut Money, u128),
    ) -> u128 {
        let aside = self.closed[epoch as usize]
            .pots
            .get(denom)
            .map_or(0, |pot| pot.full);
        let money = &mut self.money[denom];
        money.held -= aside;
        give(money, aside);
        aside
    }

    /// The key ran.
    fn pay_held(&mut self, epoch: Epoch, key: Key, denom: Denom) {
        let (ended, closed) = (&self.ended[epoch as usize], &self.closed[epoch as usize]);
        let Some(pot) = closed.pots.get(denom).cloned() else {
            return;
        };
        let at = key as usize - 1;
        let owner = ended.owners[at];
        let (to_key, to_pool) = if ended.staked[at] {
            (pot.full, 0)
        } else {
            // All unstaked nodes that ran or are said to have, those in dispute included.
            let held = closed.classes.iter().zip(&ended.staked);
            let held = held.filter(|(class, staked)| **class == Class::Held && !**staked);
            let unstaked = u128::from(closed.unstaked) + held.count() as u128;
            let need = ended.requirement * unstaked.max(1);
            let t = pot.p - pot.d;
            let part = BigUint::from(t) * closed.pool_stake.min(need) / need;
            (pot.d + pot.r, to_u128(&part))
        };
        self.take_held(epoch, denom, |money, aside| {
            money.carry += aside - to_key - to_pool;
            money.pool_extra += to_pool;
        });
        self.earn(owner, Role::Nodes, denom, to_key);
    }

    /// Whole units that somebody's pool stake has earned.
    pub fn pool_earned(&self, who: Who, denom: Denom) -> u128 {
        let fixed = self.pool_fixed.get(&(who, denom));
        fixed.map_or(0, |fixed| to_u128(&(fixed / FIXED)))
    }

    /// What somebody has earned in a role.
    pub fn earned_as(&self, who: Who, role: Role, denom: Denom) -> u128 {
        if role == Role::Pool {
            return self.pool_earned(who, denom);
        }
        self.earned.get(&(who, role, denom)).copied().unwrap_or(0)
    }

    /// All that somebody has earned.
    pub fn earned_by(&self, who: Who, denom: Denom) -> u128 {
        let roles = [Role::Nodes, Role::Pool, Role::Bonds, Role::Treasury];
        roles
            .map(|role| self.earned_as(who, role, denom))
            .iter()
            .sum()
    }

    /// All that somebody was paid.
    pub fn paid_to(&self, who: Who, denom: Denom) -> u128 {
        self.paid.get(&(who, denom)).copied().unwrap_or(0)
    }

    /// Earned and not paid.
    pub fn claimable(&self, who: Who, denom: Denom) -> u128 {
        self.earned_by(who, denom) - self.paid_to(who, denom)
    }

    /// The least that a claim naming these keys pays: all but what other keys have earned.
    pub fn claimable_with(&self, who: Who, keys: &[Key], denom: Denom) -> u128 {
        let others = self.by_key.range((who, 0, 0)..(Who(who.0 + 1), 0, 0));
        let open: u128 = others
            .filter(|((_, key, of), _)| *of == denom && !keys.contains(key))
            .map(|(_, amount)| *amount)
            .sum();
        self.claimable(who, denom).saturating_sub(open)
    }

    /// Notes a payout. More than is claimable is refused.
    pub fn pay(&mut self, who: Who, denom: Denom, amount: u128) -> Answer {
        refuse_if(amount > self.claimable(who, denom), "more than is owed")?;
        if amount > 0 {
            *self.paid.entry((who, denom)).or_default() += amount;
            self.money[denom].paid += amount;
        }
        Ok(())
    }

    /// Notes that keys are settled, whoever owned them.
    pub fn keys_settled(&mut self, keys: &[Key]) {
        self.by_key.retain(|(_, key, _), _| !keys.contains(key));
    }

    /// Notes that all keys that somebody owns or owned are settled.
    pub fn account_settled(&mut self, account: Who) {
        self.by_key.retain(|(who, _, _), _| *who != account);
    }

    /// Revenue of epochs to come.
    pub fn ahead(&self, denom: Denom) -> u128 {
        self.money[denom].revenue.values().sum()
    }

    /// What the distributor must hold.
    pub fn liabilities(&self, denom: Denom) -> u128 {
        self.money[denom].received - self.money[denom].paid
    }

    /// Faults in the ledger's own books: every unit must be somewhere.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = vec![];
        for (denom, money) in self.money.iter().enumerate() {
            let earned = self.earned.iter().filter(|((_, _, of), _)| *of == denom);
            let owed = earned.map(|(_, amount)| *amount).sum::<u128>();
            let places = [
                ("owed and paid", owed),
                ("pool", money.pool_funded),
                ("pool, next", money.pool_extra),
                ("ahead", self.ahead(denom)),
                ("carry", money.carry),
                ("drip", money.drip),
                ("held", money.held),
                ("bonds", money.bonds),
            ];
            let sum: u128 = places.iter().map(|(_, amount)| amount).sum();
            if sum != money.received {
                let received = money.received;
                faults.push(format!("currency {denom}: {received} came in, {places:?}"));
            }
        }
        faults
    }

    /// Queues parameters.
    pub fn queue_share_params(&mut self, by: Who, params: ShareParams) -> Answer<Epoch> {
        self.only(self.genesis.offices.owner, by)?;
        params.check(self.genesis.length)?;
        let values: &mut Versions<ShareParams> = &mut self.share_params;
        values.queue(self.epoch, params)
    }

    /// Drops queued parameters.
    pub fn cancel_share_params(&mut self, by: Who) -> Answer {
        self.only(self.genesis.offices.owner, by)?;
        self.share_params.cancel(self.epoch)
    }

    /// Pauses deposits.
    pub fn pause_deposits(&mut self, by: Who, seconds: u64) -> Answer {
        self.only_owner_or_guardian(by)?;
        self.deposits.pause(self.now, seconds)
    }

    /// Ends that pause.
    pub fn resume_deposits(&mut self, by: Who) -> Answer {
        self.only_owner_or_guardian(by)?;
        self.deposits.resume(self.now)
    }
}

impl ShareParams {
    fn check(&self, epoch_length: u64) -> Answer {
        let attesters = self.attesters.len();
        let twice = (1..attesters).any(|at| self.attesters[..at].contains(&self.attesters[at]));
        let set = (1..=15).contains(&attesters) && !twice;
        let majority = 2 * self.threshold > attesters && self.threshold <= attesters;
        let bounds = (6_000..=10_000).contains(&self.network)
            && (2_000..=4_000).contains(&self.unstaked)
            && (1..=604_800).contains(&self.report_window)
            && self.appeal_window <= 604_800
            && (1..=2_592_000).contains(&self.ruling_window)
            && (1..=1_000_000_000_000_000).contains(&self.bond)
            && self.report_window + self.appeal_window < epoch_length;
        refuse_if(!(set && majority && bounds), "bounds")
    }
}

/// D7, step by step.
fn divide(pot: &mut Pot, params: &ShareParams, closed: &Closed, requirement: u128) {
    let (n, u) = (u128::from(closed.running), u128::from(closed.unstaked));
    // 1
    pot.p = pot.pot / n;
    // 2
    pot.d = pot.p * params.unstaked / 10_000;
    let ceded = u * (pot.p - pot.d);
    // 3
    let need = u * requirement;
    pot.pool = match need {
        0 => 0,
        need => to_u128(&(BigUint::from(ceded) * closed.pool_stake.min(need) / need)),
    };
    // 4
    let sharers = if params.remainder_to_all { n } else { u };
    pot.r = (ceded - pot.pool).checked_div(sharers).unwrap_or(0);
    // 5
    pot.carry = (pot.pot - pot.p * n) + (ceded - pot.pool - pot.r * sharers);
    pot.full = if params.remainder_to_all {
        pot.p + pot.r
    } else {
        pot.p
    };
}

fn to_u128(value: &BigUint) -> u128 {
    u128::try_from(value.clone()).expect("an amount fits")
}
