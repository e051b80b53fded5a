//! Node keys and the splits that multiply them (rules R2, R6 to R9).

use core::fmt;
use core::str::FromStr;

use cosmwasm_schema::cw_serde;
use cosmwasm_std::Storage;
use noderev_economics::{KEY_CAP, NODE_STAKE};
use thiserror::Error;

use crate::bitmap::Bitmap;
use crate::epoch::Epoch;
use crate::fault::StdResult;
use crate::packed::{Packed, Reader};
use crate::packed_struct;
use crate::raw::{key, write_packed, Local, RawRead};
use crate::timeline::Timeline;

/// A node key's number: 1, 2, ... in order of issue. On the cw721 interface it is the same number
/// as a canonical decimal string.
#[cw_serde]
#[derive(Copy, Eq, PartialOrd, Ord, Hash)]
#[serde(try_from = "u32", into = "u32")]
pub struct KeyId(#[schemars(range(min = 1))] pub u32);

impl TryFrom<u32> for KeyId {
    type Error = KeyIdError;

    fn try_from(number: u32) -> Result<Self, KeyIdError> {
        match number {
            0 => Err(KeyIdError {
                id: number.to_string(),
            }),
            number => Ok(Self(number)),
        }
    }
}

impl From<KeyId> for u32 {
    fn from(key: KeyId) -> Self {
        key.0
    }
}

/// A token id that is not a canonical decimal of 1..=4294967295.
#[derive(Error, Debug, PartialEq, Eq)]
#[error("token id {id:?} is not a key number: write it in decimal digits without leading zeros")]
pub struct KeyIdError {
    /// What was given.
    pub id: String,
}

impl FromStr for KeyId {
    type Err = KeyIdError;

    fn from_str(id: &str) -> Result<Self, KeyIdError> {
        let number: Option<u32> = id.parse().ok();
        match number {
            Some(number) if number > 0 && number.to_string() == id => Ok(Self(number)),
            _ => Err(KeyIdError {
                id: id.chars().take(64).collect(),
            }),
        }
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl KeyId {
    /// The key's bit in a bitmap over all keys: key 1 is bit 0.
    pub const fn bit(self) -> u32 {
        self.0.saturating_sub(1)
    }

    /// The key of a bit.
    pub const fn of_bit(bit: u32) -> Self {
        Self(bit.saturating_add(1))
    }
}

impl Packed for KeyId {
    fn pack(&self, out: &mut Vec<u8>) {
        self.0.pack(out);
    }
    fn unpack(input: &mut Reader<'_>) -> StdResult<Self> {
        u32::unpack(input).map(Self)
    }
}

/// One split: from its first epoch on every key of before is `factor` keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// First epoch with the new keys.
    pub from: Epoch,
    /// Into how many keys each key is split.
    pub factor: u8,
    /// Keys issued before the split; grows with what is issued during the notice.
    pub keys: u32,
    /// For how many epochs evidence stays on the parents.
    pub grace: u32,
}
packed_struct!(Split {
    from,
    factor,
    keys,
    grace
});

/// How many splits are in force; records of keys are kept by generation.
pub type Generation = u8;

/// All splits, those in force and the one that may be pending, in order.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Lineage {
    /// The splits, oldest first.
    pub splits: Vec<Split>,
}
packed_struct!(Lineage { splits });

impl Lineage {
    /// Number of splits in force in `epoch`.
    pub fn generation_at(&self, epoch: Epoch) -> Generation {
        let in_force = self
            .splits
            .iter()
            .filter(|split| split.from <= epoch)
            .count();
        Generation::try_from(in_force).unwrap_or(Generation::MAX)
    }

    /// Product F of the factors of all splits in force in `epoch`.
    pub fn factor_at(&self, epoch: Epoch) -> u32 {
        let in_force = self.splits.iter().filter(|split| split.from <= epoch);
        in_force.fold(1u32, |product, split| {
            product.saturating_mul(split.factor.into())
        })
    }

    /// Product of the factors of all splits, the pending one included.
    pub fn factor_planned(&self) -> u32 {
        self.factor_at(Epoch(u32::MAX))
    }

    /// The stake of a node and what the pool must hold for each unstaked node, in QST units:
    /// 200,000 QST / F. Exact, because a split's factor must divide it.
    pub fn requirement_at(&self, epoch: Epoch) -> u128 {
        NODE_STAKE
            .checked_div(self.factor_at(epoch).into())
            .unwrap_or(NODE_STAKE)
    }

    /// How many keys there can be in `epoch`: 4,732 times F.
    pub fn cap_at(&self, epoch: Epoch) -> u32 {
        KEY_CAP.saturating_mul(self.factor_at(epoch))
    }

    /// The split that began `generation`, none for generation 0.
    pub fn split_of(&self, generation: Generation) -> Option<&Split> {
        self.splits.get(usize::from(generation.checked_sub(1)?))
    }

    /// The split that is announced but not in force in `epoch`.
    pub fn pending(&self, epoch: Epoch) -> Option<&Split> {
        self.splits.last().filter(|split| split.from > epoch)
    }

    /// In `generation`, the key of the generation before that `key` comes from (itself for a
    /// parent); none if it was issued later than the split, or in generation 0.
    pub fn parent(&self, generation: Generation, key: KeyId) -> Option<KeyId> {
        let split = self.split_of(generation)?;
        if key.0 == 0 || key.0 > split.keys.saturating_mul(split.factor.into()) {
            return None;
        }
        key.bit().checked_rem(split.keys).map(KeyId::of_bit)
    }

    /// Looks a record up: the key's own of `generation`, else its parent's of the generation before,
    /// and so on; with the generation in which it was found.
    pub fn inherited<T>(
        &self,
        generation: Generation,
        key: KeyId,
        mut own: impl FnMut(Generation, KeyId) -> StdResult<Option<T>>,
    ) -> StdResult<Option<(Generation, T)>> {
        let (mut generation, mut key) = (generation, key);
        loop {
            if let Some(found) = own(generation, key)? {
                return Ok(Some((generation, found)));
            }
            match (generation.checked_sub(1), self.parent(generation, key)) {
                (Some(before), Some(parent)) => (generation, key) = (before, parent),
                _ => return Ok(None),
            }
        }
    }

    /// The first generation in which the key exists, and whether a split created it.
    pub fn birth(&self, key: KeyId) -> (Generation, bool) {
        let mut generation: Generation = 0;
        for split in &self.splits {
            if key.0 <= split.keys {
                break;
            }
            generation = generation.saturating_add(1);
            if key.0 <= split.keys.saturating_mul(split.factor.into()) {
                return (generation, true);
            }
        }
        (generation, false)
    }

    /// The same bits one generation on: each child has its parent's bit.
    pub fn tile(&self, generation: Generation, bits: &Bitmap) -> Bitmap {
        match self.split_of(generation) {
            Some(split) => bits.tiled(split.keys, split.factor.into()),
            None => bits.clone(),
        }
    }

    /// The split in whose grace `epoch` lies: reports cover the parents then.
    pub fn grace_at(&self, epoch: Epoch) -> Option<&Split> {
        let split = self.split_of(self.generation_at(epoch))?;
        (epoch.since(split.from) < split.grace).then_some(split)
    }

    /// How many bits a report for `epoch` has, when there are `keys` keys at the epoch's end.
    /// During the grace of a split these are the parents, followed by the keys issued since.
    pub fn reported_keys(&self, epoch: Epoch, keys: u32) -> u32 {
        self.grace_at(epoch).map_or(keys, |split| {
            let children = split
                .keys
                .saturating_mul(u32::from(split.factor).saturating_sub(1));
            keys.saturating_sub(children)
        })
    }

    /// A report's bits as bits over all keys.
    pub fn expand_report(&self, epoch: Epoch, bits: &Bitmap) -> Bitmap {
        self.grace_at(epoch).map_or_else(
            || bits.clone(),
            |split| {
                let (parents, since) = bits.split_at(split.keys);
                parents
                    .tiled(split.keys, split.factor.into())
                    .joined(&since)
            },
        )
    }

    /// The number of keys in `epoch`, given the last count written at or before it.
    fn keys_at(&self, epoch: Epoch, counted: Option<(Epoch, u32)>) -> u32 {
        let Some((from, count)) = counted else {
            return 0;
        };
        match self.split_of(self.generation_at(epoch)) {
            Some(split) if from < split.from => split.keys.saturating_mul(split.factor.into()),
            _ => count,
        }
    }
}

/// How many keys there are by epoch, and how they came to be: the registry writes it, every
/// contract reads it.
pub struct Supply {
    lineage: u8,
    issued: Timeline<u32>,
}

impl Supply {
    /// Three namespace bytes: the lineage, and the issued count's head and past records.
    pub const fn new(lineage: u8, issued: u8, issued_past: u8) -> Self {
        Self {
            lineage,
            issued: Timeline::new(issued, issued_past),
        }
    }

    /// All splits.
    pub fn lineage(&self, store: &impl RawRead) -> StdResult<Lineage> {
        Ok(store
            .read_packed(&key(self.lineage, &[]))?
            .unwrap_or_default())
    }

    /// Number of keys at the end of `epoch` (for the running epoch: now).
    pub fn keys_at(&self, store: &impl RawRead, lineage: &Lineage, epoch: Epoch) -> StdResult<u32> {
        let span = self.issued.span_at(store, &[], epoch)?;
        Ok(lineage.keys_at(epoch, span.map(|span| (span.from, span.value))))
    }

    /// Writes the number of keys from the running epoch on. A pending split grows along.
    pub fn set_keys(&self, storage: &mut dyn Storage, epoch: Epoch, keys: u32) -> StdResult<()> {
        let mut lineage = self.lineage(&Local(storage))?;
        if let Some(split) = lineage.splits.last_mut().filter(|split| split.from > epoch) {
            split.keys = keys;
            self.set_lineage(storage, &lineage);
        }
        self.issued.set(storage, &[], epoch, keys)
    }

    /// Writes the splits.
    pub fn set_lineage(&self, storage: &mut dyn Storage, lineage: &Lineage) {
        write_packed(storage, &key(self.lineage, &[]), lineage);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cosmwasm_std::testing::MockStorage;

    const SUPPLY: Supply = Supply::new(0x80, 0x81, 0x82);

    fn split(from: u32, factor: u8, keys: u32, grace: u32) -> Split {
        Split {
            from: Epoch(from),
            factor,
            keys,
            grace,
        }
    }

    #[test]
    fn only_canonical_ids_are_keys() {
        assert_eq!("4732".parse(), Ok(KeyId(4_732)));
        for id in [
            "01",
            "0",
            "",
            " 1",
            "1\n",
            "+1",
            "-1",
            "1.0",
            "4294967296",
            "x",
        ] {
            assert_eq!(id.parse::<KeyId>(), Err(KeyIdError { id: id.to_string() }));
        }
    }

    #[test]
    fn key_numbers_begin_at_1_in_json_too() {
        assert_eq!(cosmwasm_std::from_json::<KeyId>(b"7"), Ok(KeyId(7)));
        assert_eq!(cosmwasm_std::to_json_string(&KeyId(7)).unwrap(), "7");
        assert!(cosmwasm_std::from_json::<KeyId>(b"0").is_err());
    }

    #[test]
    fn children_follow_all_keys_of_before() {
        // 3 keys split by 2: 4, 5, 6 are the children of 1, 2, 3; key 7 is issued later; then all
        // 7 split by 5, so key 8 is a child of 1 and key 14 of 7.
        let lineage = Lineage {
            splits: vec![split(10, 2, 3, 0), split(20, 5, 7, 0)],
        };
        let parents =
            |generation, keys: [u32; 4]| keys.map(|key| lineage.parent(generation, KeyId(key)));
        assert_eq!(
            parents(1, [1, 4, 6, 7]),
            [Some(KeyId(1)), Some(KeyId(1)), Some(KeyId(3)), None]
        );
        assert_eq!(
            parents(2, [7, 8, 14, 36]),
            [Some(KeyId(7)), Some(KeyId(1)), Some(KeyId(7)), None]
        );
        assert_eq!(lineage.parent(0, KeyId(1)), None);
        // There is no key 0, so it has no parent either.
        assert_eq!(lineage.parent(1, KeyId(0)), None);
        assert_eq!(
            [9, 10, 20].map(|epoch| lineage.factor_at(Epoch(epoch))),
            [1, 2, 10]
        );
        assert_eq!(lineage.requirement_at(Epoch(20)), 20_000_000_000);
        assert_eq!(lineage.cap_at(Epoch(20)), 47_320);
    }

    #[test]
    fn keys_issued_during_the_notice_are_split_too() {
        let mut storage = MockStorage::new();
        SUPPLY.set_keys(&mut storage, Epoch(0), 4_000).unwrap();
        SUPPLY.set_lineage(
            &mut storage,
            &Lineage {
                splits: vec![split(9, 2, 4_000, 0)],
            },
        );
        SUPPLY.set_keys(&mut storage, Epoch(8), 4_001).unwrap();
        SUPPLY.set_keys(&mut storage, Epoch(11), 8_005).unwrap();
        let lineage = SUPPLY.lineage(&Local(&storage)).unwrap();
        let keys = |epoch| {
            SUPPLY
                .keys_at(&Local(&storage), &lineage, Epoch(epoch))
                .unwrap()
        };
        assert_eq!(
            [0, 7, 8, 9, 10, 11].map(keys),
            [4_000, 4_000, 4_001, 8_002, 8_002, 8_005]
        );
    }

    #[test]
    fn during_grace_each_child_has_its_parents_result() {
        let lineage = Lineage {
            splits: vec![split(5, 2, 3, 2)],
        };
        // 3 parents, 3 children, one key issued since: 4 bits are reported.
        assert_eq!(lineage.reported_keys(Epoch(5), 7), 4);
        let report = Bitmap::from_bits(4, [0, 2, 3]);
        assert_eq!(
            lineage.expand_report(Epoch(5), &report),
            Bitmap::from_bits(7, [0, 2, 3, 5, 6])
        );
        assert_eq!(lineage.reported_keys(Epoch(7), 7), 7);
        assert_eq!(lineage.reported_keys(Epoch(4), 3), 3);
    }
}
