//! `market`: keys for sale.

use clap::{Args, Subcommand};
use noderev_api::registry::ListingResponse;
use noderev_components::KeyId;
use noderev_operations::market::{self, ends, Bought, Ends, Floor, Offer, Offered};
use noderev_operations::Moment;
use time::format_description::well_known::Rfc3339;
use time::OffsetDateTime;

use super::dated::send_dated;
use super::form::Form;
use super::numbers::{key, keys, named, Numbers};
use super::session::By;
use super::words::{qst, table};
use super::{CommandError, Connection};
use crate::answer::Answer;
use crate::format::{epoch_from, exact_units, minute, rfc3339, thousands};

/// The market of keys.
#[derive(Debug, Args)]
pub struct Market {
    #[command(subcommand)]
    step: Step,
}

#[derive(Debug, Subcommand)]
enum Step {
    /// Offer a key for sale, from now on, instead of an earlier offer of it.
    ///
    /// The owner keeps the key, and runs its node, until it is bought. Any change of the key's owner
    /// or stake, and a split of the keys, end the offer for good.
    List(List),
    /// Take an offer back, at once. Anybody may, if it is void.
    Delist(Delist),
    /// Buy keys as they are listed now: exactly the sum of their prices is paid, all of them are
    /// bought or none.
    Buy(Buy),
    /// Show the lowest prices, with and without stake, and the cheapest offers; as CSV the offers alone,
    /// their prices in smallest units of QST.
    Floor(Lowest),
}

#[derive(Debug, Args)]
struct List {
    /// The key's number.
    #[arg(value_parser = key)]
    key: KeyId,
    /// Smallest units of QST, 1 or more: 1,500,000 for 1.5 QST of 6 decimals, written 1500000.
    price: u128,
    /// Only this account may buy.
    #[arg(long, value_name = "ADDRESS")]
    buyer: Option<String>,
    /// When the offer ends, RFC 3339 such as 2026-01-31T06:00:00Z, or Unix seconds; never unless
    /// given.
    #[arg(long, value_name = "TIME", value_parser = seconds)]
    until: Option<u64>,
    /// Sell the node's stake with the key: it goes to the buyer and counts on.
    #[arg(long)]
    with_stake: bool,
    #[command(flatten)]
    by: By,
}

#[derive(Debug, Args)]
struct Delist {
    /// The key's number.
    #[arg(value_parser = key)]
    key: KeyId,
    #[command(flatten)]
    by: By,
}

#[derive(Debug, Args)]
struct Buy {
    /// Numbers of keys such as 5 7 10-20, at most 500.
    #[arg(value_name = "KEY", required = true)]
    keys: Vec<Numbers>,
    /// Buy nothing if one of the keys costs more than so many smallest units of QST. Needed with --yes,
    /// --generate-only and --print-msg: nobody sees the prices before they are paid then.
    #[arg(long, value_name = "AMOUNT")]
    most: Option<u128>,
    #[command(flatten)]
    by: By,
}

#[derive(Debug, Args)]
struct Lowest {
    /// At most so many offers.
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: usize,
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    connection: Connection,
}

/// A time as people or programs write it, as Unix seconds.
fn seconds(text: &str) -> Result<u64, String> {
    if let Ok(seconds) = text.parse() {
        return Ok(seconds);
    }
    let time = OffsetDateTime::parse(text, &Rfc3339);
    let time =
        time.map_err(|_| "write it as 2026-01-31T06:00:00Z or as Unix seconds".to_owned())?;
    u64::try_from(time.unix_timestamp()).map_err(|_| "it is before 1970".to_owned())
}

impl Market {
    pub(super) fn execute(self, json: bool) -> Result<Answer, CommandError> {
        match self.step {
            Step::List(list) => list.execute(json),
            Step::Delist(delist) => delist.execute(json),
            Step::Buy(buy) => buy.execute(json),
            Step::Floor(lowest) => lowest.execute(json),
        }
    }
}

impl List {
    fn execute(self, json: bool) -> Result<Answer, CommandError> {
        let mut session = self.by.open(json)?;
        let offer = Offer {
            key: self.key,
            price: self.price,
            buyer: self.buyer,
            until: self.until,
            with_stake: self.with_stake,
        };
        let planned = offer.plan(&session.contracts()?, &session.sender()?)?;
        session.send_and_tell(&offered(&offer, &planned), &planned.messages)
    }
}

fn offered(offer: &Offer, planned: &Offered) -> String {
    let moment = &planned.moment;
    let to = offer.buyer.as_deref().unwrap_or("anybody");
    let until = match offer.until {
        Some(until) => format!("until {}", minute(until)),
        None => "until it is taken back".to_owned(),
    };
    let stake = match (planned.stake, offer.with_stake) {
        (Some(stake), true) => format!("with its stake of {}", qst(stake, moment)),
        (Some(stake), false) => format!(
            "without its stake of {}, which leaves when it is sold and stays yours",
            qst(stake, moment)
        ),
        (None, _) => "without stake".to_owned(),
    };
    let before = planned.before.as_ref();
    let instead = before.map(|before| format!(", instead of {}", qst(before.price.u128(), moment)));
    format!(
        "offer key {} to {to} for {}{}, from now {until}, {stake}: {} for you, {} for the treasury",
        offer.key,
        qst(offer.price, moment),
        instead.unwrap_or_default(),
        qst(planned.net, moment),
        qst(planned.fee, moment)
    )
}

impl Delist {
    fn execute(self, json: bool) -> Result<Answer, CommandError> {
        let mut session = self.by.open(json)?;
        let planned = market::delist(&session.contracts()?, &session.sender()?, self.key)?;
        let offer = match &planned.before {
            Some(before) => format!("of {}", qst(before.price.u128(), &planned.moment)),
            None => "that is void".to_owned(),
        };
        let effect = format!("take the offer {offer} for key {} back, now", self.key);
        session.send_and_tell(&effect, &planned.messages)
    }
}

impl Buy {
    fn execute(self, json: bool) -> Result<Answer, CommandError> {
        let mut session = self.by.open(json)?;
        let account = session.sender()?;
        let keys = keys(&self.keys)?;
        if self.most.is_none() && self.by.sending.asks_nobody() {
            let text = "name the price of a key that you pay at most, by --most: nobody is asked";
            return Err(CommandError::Usage(text.to_owned()));
        }
        let planned = market::buy(&session.contracts()?, &account, &keys, self.most)?;
        let effect = bought(&keys, &planned);
        send_dated(&mut session, &effect, &planned.moment, &planned.messages)
    }
}

/// What is bought, what comes with it and what does not.
fn bought(keys: &[KeyId], planned: &Bought) -> String {
    let moment = &planned.moment;
    let mut lines = vec![format!(
        "buy {} for {} in all, now:",
        named(keys),
        qst(planned.sum, moment)
    )];
    lines.extend(planned.listings.iter().map(|listing| line(listing, moment)));
    let from = epoch_from(&moment.clock, planned.rewards_from);
    lines.push(format!(
        "yours: the keys, and their rewards of {from}, on{}",
        stakes(
            planned,
            |it| it.staked && it.with_stake,
            "stakes that count on"
        )
    ));
    lines.push(format!(
        "not yours: rewards of earlier epochs; bound nodes and operators end{}",
        stakes(
            planned,
            |it| it.staked && !it.with_stake,
            "stakes that leave and stay the sellers'"
        )
    ));
    lines.join("\n")
}

fn line(listing: &ListingResponse, moment: &Moment) -> String {
    let price = qst(listing.price.u128(), moment);
    let seller = &listing.seller;
    format!("  key {} for {price} from {seller}", listing.id)
}

/// Which of the keys have stakes of some kind.
fn stakes(planned: &Bought, which: fn(&ListingResponse) -> bool, what: &str) -> String {
    let listings = planned.listings.iter().filter(|listing| which(listing));
    let keys: Vec<KeyId> = listings.map(|listing| listing.id).collect();
    match keys.is_empty() {
        true => String::new(),
        false => format!(
            "; {what}, {} each: {}",
            qst(planned.stake, &planned.moment),
            named(&keys)
        ),
    }
}

impl Lowest {
    fn execute(self, json: bool) -> Result<Answer, CommandError> {
        let session = self.connection.open(json)?;
        let floor = market::floor(&session.contracts()?, self.limit)?;
        let rows = floor.listings.iter().map(plain_row);
        let text = self.form.text(json, &floor, PLAIN, rows, || told(&floor))?;
        Ok(Answer::done(text))
    }
}

fn told(found: &Floor) -> String {
    let price = |floor: Option<cosmwasm_std::Uint128>| match floor {
        Some(price) => qst(price.u128(), &found.moment),
        None => "nothing for sale".to_owned(),
    };
    let mut lines = vec![
        format!("floor: {}", price(found.floor)),
        format!("floor with stake: {}", price(found.floor_with_stake)),
    ];
    if !found.listings.is_empty() {
        lines.push(table(COLUMNS, rows(found)));
    }
    lines.join("\n")
}

const COLUMNS: [&str; 7] = [
    "key", "QST", "stake", "seller", "only for", "until", "listing",
];

fn rows(found: &Floor) -> impl Iterator<Item = [String; 7]> + '_ {
    let decimals = found.moment.decimals;
    let price = move |listing: &ListingResponse| exact_units(listing.price.u128(), decimals);
    let row = move |listing| row(listing, price(listing), until(listing));
    found.listings.iter().map(row)
}

const PLAIN: [&str; 7] = [
    "key", "price", "stake", "seller", "buyer", "until", "listing",
];

/// The same as spreadsheets take it: smallest units, RFC 3339.
fn plain_row(listing: &ListingResponse) -> [String; 7] {
    let until = match ends(listing) {
        Ends::Never => String::new(),
        Ends::Height(height) => format!("block {height}"),
        Ends::Time(time) => rfc3339(time).unwrap_or_default(),
    };
    row(listing, listing.price.to_string(), until)
}

fn row(listing: &ListingResponse, price: String, until: String) -> [String; 7] {
    let buyer = listing.buyer.as_ref();
    [
        listing.id.to_string(),
        price,
        stake(listing).to_owned(),
        listing.seller.to_string(),
        buyer.map(ToString::to_string).unwrap_or_default(),
        until,
        listing.listing.to_string(),
    ]
}

const fn stake(listing: &ListingResponse) -> &'static str {
    match (listing.with_stake, listing.staked) {
        (true, _) => "goes along",
        (false, true) => "stays the seller's",
        (false, false) => "none",
    }
}

fn until(listing: &ListingResponse) -> String {
    match ends(listing) {
        Ends::Never => String::new(),
        Ends::Height(height) => format!("block {}", thousands(height.into())),
        Ends::Time(time) => minute(time),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_rfc_3339_or_unix_seconds() {
        assert_eq!(seconds("1767247200"), Ok(1_767_247_200));
        assert_eq!(seconds("2026-01-01T06:00:00Z"), Ok(1_767_247_200));
        assert_eq!(seconds("2026-01-01T07:00:00+01:00"), Ok(1_767_247_200));
        for wrong in ["", "tomorrow", "2026-01-01", "1969-01-01T00:00:00Z", "-5"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }
}
