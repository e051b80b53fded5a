use thiserror::Error;

/// What plain arithmetic can refuse.
#[derive(Error, Debug, Clone, Copy, PartialEq, Eq)]
pub enum MathError {
    /// The exact result does not fit the type it is returned in.
    #[error("the result does not fit: use smaller amounts")]
    Overflow,
    /// The divisor was 0.
    #[error("division by zero")]
    DivideByZero,
}

/// What the economics can refuse. Each variant carries the numbers that were refused.
#[derive(Error, Debug, Clone, Copy, PartialEq, Eq)]
pub enum EconomicsError {
    /// Plain arithmetic failed.
    #[error(transparent)]
    Math(#[from] MathError),
    /// More than 100 %.
    #[error("{bps} basis points is more than 10000 (100 %)")]
    BpsOutOfRange {
        /// Basis points given.
        bps: u16,
    },
    /// Revenue spread over no epoch, or over too many.
    #[error("revenue is spread over 1 to {max} epochs, not {over}")]
    SpreadOutOfRange {
        /// Epochs given.
        over: u32,
        /// Most epochs allowed.
        max: u32,
    },
    /// No node ran, so a pot can't be divided: nobody is paid and it joins the drip.
    #[error("no node ran in this epoch: nobody can be paid from its pot")]
    NobodyRan,
    /// More nodes were held or unstaked than ran.
    #[error("{held} held and {unstaked} unstaked nodes are more than the {running} that ran")]
    InconsistentFacts {
        /// N, running and held nodes together.
        running: u32,
        /// Held nodes.
        held: u32,
        /// Running nodes without a stake, U.
        unstaked: u32,
    },
    /// A node stake of nothing.
    #[error("the stake that a node requires can't be 0")]
    ZeroRequirement,
    /// The stake of a node can't be divided by the split product without a rest.
    #[error("a node stake of {base} units can't be divided by {factor} exactly")]
    InexactRequirement {
        /// Stake of one node before the split, in units.
        base: u128,
        /// Product of the splits.
        factor: u32,
    },
    /// Not one of the factors by which keys can be split.
    #[error("keys can't be split by {factor}: use 2, 4, 5, 8, 10, 16, 20 or 25")]
    SplitFactor {
        /// Factor given.
        factor: u32,
    },
    /// The product of splits in force is not one that allowed splits lead to.
    #[error("{product} is not a product of allowed splits")]
    SplitProduct {
        /// Product given.
        product: u32,
    },
    /// All splits together would make too many keys.
    #[error("keys already split by {in_force} can't be split by {factor}: {max} in all at most")]
    SplitTooLarge {
        /// Product of the splits in force.
        in_force: u32,
        /// Factor given.
        factor: u32,
        /// Largest product allowed.
        max: u32,
    },
    /// An amount was to be shared among nobody.
    #[error("{amount} units can't be shared: nothing is staked")]
    NoWeight {
        /// Amount that was to be shared.
        amount: u128,
    },
    /// An index was read backwards: it only ever grows.
    #[error("a reward index can't fall: the later reading is smaller than the earlier")]
    IndexFell,
    /// A carried fraction of a unit that is a whole unit or more.
    #[error("a carried fraction of {fraction} is not below one unit (10^18)")]
    FractionOutOfRange {
        /// Fraction given, in 10^-18 units.
        fraction: u128,
    },
    /// More than a delegation's owner may keep.
    #[error("a commission of {commission} basis points is more than {max}")]
    CommissionTooHigh {
        /// Basis points given.
        commission: u16,
        /// Most basis points allowed.
        max: u16,
    },
    /// A commission that rises too fast.
    #[error("a commission can't rise from {from} to {to} basis points: {max} at a time at most")]
    CommissionRise {
        /// Basis points in force.
        from: u16,
        /// Basis points given.
        to: u16,
        /// Most basis points at a time.
        max: u16,
    },
    /// No Quintessence is staked, so a pool can't be shared: it joins the drip.
    #[error("no Quintessence is staked: nobody can be paid from this pool")]
    NobodyStaked,
    /// More slots than the stake can have.
    #[error("{captured} slots of {slot_size} can't be captured with {total} staked")]
    TooManySlots {
        /// Slots given.
        captured: u32,
        /// All Quintessence.
        total: u128,
        /// Quintessence per slot.
        slot_size: u128,
    },
}
