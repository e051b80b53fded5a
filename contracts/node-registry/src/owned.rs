//! Which keys an account owns, in numeric order, without a step per key at a split.
//!
//! An entry `(owner, generation, key)` stands for the key and, in later generations, for all its
//! children, except those that have left: they are the bits of the entry's value (bit j for child
//! `key + keys * j`). A child that leaves for the first time sets its bit in its parent's entry;
//! from then on it has entries of its own.

use cosmwasm_std::{Order, StdError, StdResult, Storage};
use noderev_components::{
    key, write_packed, Account, Generation, KeyId, Lineage, Local, Packed, RawRead, Reader, Split,
};

use crate::state::{following, tail, OWNED};

/// Bits of the children that have left.
type Left = u128;

/// Notes that `owner` has got a key in the running generation.
pub fn add(storage: &mut dyn Storage, owner: &Account, generation: Generation, id: KeyId) {
    write_packed(storage, &entry(owner, generation, id), &Left::default());
}

/// Notes that `owner` no longer has a key.
pub fn remove(
    storage: &mut dyn Storage,
    lineage: &Lineage,
    owner: &Account,
    generation: Generation,
    id: KeyId,
) -> StdResult<()> {
    if take(storage, owner, generation, id)?.is_some() {
        return Ok(());
    }
    let (before, split, parent) = origin(lineage, generation, id)?;
    let left = match take(storage, owner, before, parent)? {
        Some(left) => left,
        None => {
            remove(storage, lineage, owner, before, parent)?;
            Left::default()
        }
    };
    let left = left | bit(child_number(split, id));
    if (0..split.factor.into()).any(|child| left & bit(child) == 0) {
        write_packed(storage, &entry(owner, before, parent), &left);
    }
    Ok(())
}

/// The keys of `owner` in `generation` after key number `after`, in numeric order. A step costs
/// one entry; entries of parents whose child in question has left are passed over.
pub fn after<'a>(
    storage: &'a dyn Storage,
    lineage: &'a Lineage,
    owner: &'a Account,
    generation: Generation,
    after: u32,
) -> impl Iterator<Item = StdResult<KeyId>> + 'a {
    entries(storage, lineage, owner, generation, after).map(|item| item.map(|(id, _)| KeyId(id)))
}

type Entries<'a> = Box<dyn Iterator<Item = StdResult<(u32, Left)>> + 'a>;

fn entries<'a>(
    storage: &'a dyn Storage,
    lineage: &'a Lineage,
    owner: &'a Account,
    generation: Generation,
    after: u32,
) -> Entries<'a> {
    let own = own_entries(storage, owner, generation, after);
    let before = generation.checked_sub(1);
    match before.zip(lineage.split_of(generation)) {
        None => own,
        Some((before, split)) => {
            let parents = move |after| entries(storage, lineage, owner, before, after);
            merged(own, inherited(split, after, parents))
        }
    }
}

fn own_entries<'a>(
    storage: &'a dyn Storage,
    owner: &Account,
    generation: Generation,
    after: u32,
) -> Entries<'a> {
    let start = following(entry(owner, generation, KeyId(after)));
    let end = following(entry(owner, generation, KeyId(u32::MAX)));
    let range = storage.range(Some(&start), Some(&end), Order::Ascending);
    Box::new(range.map(|(key, value)| {
        let id = u32::unpack(&mut Reader::new(tail(&key, 4)))?;
        Ok((id, Left::from_packed(&value)?))
    }))
}

/// The children of a split, tile by tile: all first children, all second ones, ...
fn inherited<'a>(
    split: &'a Split,
    after: u32,
    parents: impl Fn(u32) -> Entries<'a> + 'a,
) -> Entries<'a> {
    let first = child_number(split, KeyId(after));
    let tiles = first..u32::from(split.factor);
    Box::new(tiles.flat_map(move |child| {
        let shift = split.keys.saturating_mul(child);
        parents(after.saturating_sub(shift)).filter_map(move |item| match item {
            Ok((_, left)) if left & bit(child) != 0 => None,
            Ok((parent, _)) => Some(Ok((parent.saturating_add(shift), Left::default()))),
            Err(error) => Some(Err(error)),
        })
    }))
}

fn merged<'a>(first: Entries<'a>, second: Entries<'a>) -> Entries<'a> {
    let (mut first, mut second) = (first.peekable(), second.peekable());
    Box::new(core::iter::from_fn(move || {
        let take_first = match (first.peek(), second.peek()) {
            (Some(Ok((a, _))), Some(Ok((b, _)))) => a < b,
            (Some(_), None) | (Some(Err(_)), _) => true,
            _ => false,
        };
        if take_first {
            first.next()
        } else {
            second.next()
        }
    }))
}

fn take(
    storage: &mut dyn Storage,
    owner: &Account,
    generation: Generation,
    id: KeyId,
) -> StdResult<Option<Left>> {
    let key = entry(owner, generation, id);
    let left = Local(storage).read_packed(&key)?;
    if left.is_some() {
        storage.remove(&key);
    }
    Ok(left)
}

/// Where a key without an entry of its own comes from.
fn origin(
    lineage: &Lineage,
    generation: Generation,
    id: KeyId,
) -> StdResult<(Generation, &Split, KeyId)> {
    let found = generation
        .checked_sub(1)
        .zip(lineage.split_of(generation))
        .zip(lineage.parent(generation, id));
    found
        .map(|((before, split), parent)| (before, split, parent))
        .ok_or_else(|| StdError::not_found("owner's entry of the key"))
}

/// Which child of its parent a key is, 0 for the parent itself.
fn child_number(split: &Split, id: KeyId) -> u32 {
    id.bit().checked_div(split.keys).unwrap_or(0)
}

fn bit(child: u32) -> Left {
    Left::checked_shl(1, child).unwrap_or(0)
}

fn entry(owner: &Account, generation: Generation, id: KeyId) -> Vec<u8> {
    key(OWNED, &[&owner.key(), &[generation], &id.0.to_be_bytes()])
}
