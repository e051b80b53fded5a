//! How the attesters' reports on an epoch agree.

use std::collections::BTreeSet;

use noderev_api::common::EvidenceResponse;
use noderev_components::Bitmap;

use super::Bits;

/// How the reports on an epoch agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// How many have reported.
    pub reported: u32,
    /// How many must agree.
    pub threshold: u32,
    /// Whether enough have reported for a result.
    pub quorum: bool,
    /// Bits of the result; none without a quorum.
    pub result: Option<u32>,
    /// One entry per attester.
    pub reports: Vec<Compared>,
}

/// One attester's report beside the result, or beside the first report as long as there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    /// Who.
    pub attester: String,
    /// How many ran by his report; none if he has not reported.
    pub ran: Option<u32>,
    /// Hash of his evidence, hexadecimal.
    pub evidence: Option<String>,
    /// Keys or validators in which he differs.
    pub differs: BTreeSet<u32>,
}

/// How the reports on an epoch agree with the result, or with `with` if it is given.
pub fn compare(of: &EvidenceResponse, bits: &Bits, with: Option<&Bitmap>) -> Agreement {
    let fitted = |bytes: &cosmwasm_std::Binary| Bitmap::fitted(of.bits, bytes);
    let reported: Vec<Option<Bitmap>> = of
        .reports
        .iter()
        .map(|report| report.bitmap.as_ref().map(fitted))
        .collect();
    let result = of.result.as_ref().map(fitted);
    let first = || reported.iter().flatten().next().cloned();
    let reference = with.cloned().or_else(|| result.clone()).or_else(first);
    let reports = of.reports.iter().zip(&reported).map(|(info, report)| {
        let both = report.as_ref().zip(reference.as_ref());
        let differs = both.map(|(report, reference)| bits.numbers(&report.xor(reference)));
        Compared {
            attester: info.attester.to_string(),
            ran: report.as_ref().map(Bitmap::count),
            evidence: info
                .evidence
                .as_ref()
                .map(|hash| cosmwasm_std::HexBinary::from(hash.as_slice()).to_hex()),
            differs: differs.unwrap_or_default(),
        }
    });
    let count = u32::try_from(reported.iter().flatten().count()).unwrap_or(u32::MAX);
    Agreement {
        reported: count,
        threshold: of.threshold,
        quorum: count >= of.threshold,
        result: result.as_ref().map(Bitmap::count),
        reports: reports.collect(),
    }
}

/// Ascending numbers as ranges such as `1-4,7`.
pub fn numbers(set: &BTreeSet<u32>) -> String {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for number in set {
        match runs.last_mut() {
            Some((_, high)) if high.checked_add(1) == Some(*number) => *high = *number,
            _ => runs.push((*number, *number)),
        }
    }
    let texts = runs.into_iter().map(|(low, high)| match low == high {
        true => low.to_string(),
        false => format!("{low}-{high}"),
    });
    texts.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;
    use cosmwasm_std::{Addr, Binary};
    use noderev_api::common::{EpochStep, ReportInfo};
    use noderev_components::Epoch;

    fn evidence(reports: &[Option<u8>], result: Option<u8>) -> EvidenceResponse {
        let report = |bits: &Option<u8>| ReportInfo {
            attester: Addr::unchecked("a"),
            bitmap: bits.map(|bits| Binary::from([bits])),
            evidence: bits.map(|_| [7u8; 32].into()),
            disagreed: None,
        };
        EvidenceResponse {
            epoch: Epoch(2),
            bits: 5,
            step: EpochStep::Closed {},
            threshold: 2,
            reports: reports.iter().map(report).collect(),
            result: result.map(|bits| Binary::from([bits])),
        }
    }

    #[test]
    fn reports_are_compared_with_the_result() {
        let of = evidence(&[Some(0b111), None, Some(0b10110)], Some(0b110));
        let agreement = compare(&of, &Bits::keys(5), None);
        assert!(agreement.quorum);
        assert_eq!((agreement.reported, agreement.result), (2, Some(2)));
        let differs = |place: usize| numbers(&agreement.reports[place].differs);
        assert_eq!([0, 1, 2].map(differs), ["1", "", "5"]);
        assert_eq!(agreement.reports[1].ran, None);
    }

    #[test]
    fn without_a_quorum_they_are_compared_with_the_first() {
        let of = evidence(&[None, Some(0b1), Some(0b11101)], None);
        let agreement = compare(&of, &Bits::keys(5), None);
        assert_eq!(numbers(&agreement.reports[2].differs), "3-5");
        let own = Bitmap::from_bits(5, [0, 1]);
        let agreement = compare(&of, &Bits::keys(5), Some(&own));
        assert_eq!(numbers(&agreement.reports[1].differs), "2");
        let one = evidence(&[Some(1)], None);
        assert!(!compare(&one, &Bits::keys(5), None).quorum);
    }
}
