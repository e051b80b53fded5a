//! Series of costs, and what is said of their growth.

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use super::scales::Cost;

/// One measured size.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Point {
    /// How many.
    pub(crate) x: u32,
    /// What the message cost then.
    pub(crate) cost: Cost,
}

/// How much a series may grow.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Bound {
    /// Times the first size's cost.
    pub(crate) factor: f64,
}

/// The same whatever the size, but for a few bytes.
pub(crate) const FLAT: Bound = Bound { factor: 1.05 };

/// What is counted on the vertical axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) enum Unit {
    /// Gas of a message.
    Message,
    /// Gas of a message, divided by the size.
    Each,
}

/// One message at growing sizes.
#[derive(Clone, Debug)]
pub(crate) struct Series {
    /// Which message.
    pub(crate) name: &'static str,
    /// How much it may grow; none if nothing is promised.
    pub(crate) bound: Option<Bound>,
    /// What it cost, smallest size first.
    pub(crate) points: Vec<Point>,
}

impl Series {
    /// What is shown of a point.
    pub(crate) fn value(&self, unit: Unit, point: &Point) -> f64 {
        let gas = point.cost.work as f64;
        match unit {
            Unit::Message => gas,
            Unit::Each => gas / f64::from(point.x),
        }
    }

    fn values(&self, unit: Unit) -> impl Iterator<Item = f64> + '_ {
        self.points.iter().map(move |point| self.value(unit, point))
    }

    /// The first size's cost.
    pub(crate) fn first(&self, unit: Unit) -> f64 {
        self.values(unit).next().unwrap_or_default()
    }

    /// The dearest size's cost.
    pub(crate) fn dearest(&self, unit: Unit) -> f64 {
        self.values(unit).fold(0.0, f64::max)
    }

    /// The same as a multiple of the first one's.
    pub(crate) fn growth(&self, unit: Unit) -> f64 {
        self.dearest(unit) / self.first(unit)
    }

    /// Whether it grows no more than it may.
    pub(crate) fn verdict(&self, unit: Unit) -> Option<bool> {
        let bound = self.bound?;
        Some(self.growth(unit) <= bound.factor)
    }
}

/// Messages whose cost is looked at over the same sizes.
#[derive(Clone, Debug)]
pub(crate) struct Study {
    /// Short name, of letters and hyphens.
    pub(crate) id: &'static str,
    /// What is looked at.
    pub(crate) title: &'static str,
    /// What the sizes count.
    pub(crate) x_name: &'static str,
    /// What is counted of each point.
    pub(crate) unit: Unit,
    /// Whether there is a chart of it, beside the table.
    pub(crate) charted: bool,
    /// What the state is like, and what a reader should know.
    pub(crate) notes: &'static str,
    /// Its messages.
    pub(crate) series: Vec<Series>,
}

impl Study {
    pub(crate) fn new(id: &'static str, title: &'static str, x_name: &'static str) -> Self {
        Self {
            id,
            title,
            x_name,
            unit: Unit::Message,
            charted: true,
            notes: "",
            series: Vec::new(),
        }
    }

    /// Counts per unit of size.
    pub(crate) fn each(mut self) -> Self {
        self.unit = Unit::Each;
        self
    }

    /// Leaves the chart out: the table says it all.
    pub(crate) fn without_chart(mut self) -> Self {
        self.charted = false;
        self
    }

    /// Tells what the state is like.
    pub(crate) fn notes(mut self, notes: &'static str) -> Self {
        self.notes = notes;
        self
    }

    /// A message of which this growth is promised.
    pub(crate) fn with(mut self, name: &'static str, bound: impl Into<Option<Bound>>) -> Self {
        self.series.push(Series {
            name,
            bound: bound.into(),
            points: Vec::new(),
        });
        self
    }

    /// Adds a size's cost to a message.
    pub(crate) fn add(&mut self, name: &str, x: u32, cost: Cost) {
        let series = self.series.iter_mut().find(|series| series.name == name);
        let series = series.unwrap_or_else(|| panic!("{}: no series {name}", self.id));
        series.points.push(Point { x, cost });
    }

    /// The name of its chart's file, if there is one.
    pub(crate) fn file(&self) -> Option<String> {
        let name = format!("growth-{}.svg", self.id);
        self.charted.then_some(name)
    }
}

impl Serialize for Study {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let series: Vec<_> = self
            .series
            .iter()
            .map(|series| {
                serde_json::json!({
                    "name": series.name,
                    "bound": series.bound.map(|bound| bound.factor),
                    "growth": series.growth(self.unit),
                    "met": series.verdict(self.unit),
                    "points": series.points,
                })
            })
            .collect();
        let mut study = to.serialize_struct("Study", 7)?;
        study.serialize_field("id", self.id)?;
        study.serialize_field("chart", &self.file())?;
        study.serialize_field("title", self.title)?;
        study.serialize_field("x", self.x_name)?;
        study.serialize_field("unit", &self.unit)?;
        study.serialize_field("notes", self.notes)?;
        study.serialize_field("series", &series)?;
        study.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(bound: Option<Bound>, points: &[(u32, u64)]) -> Series {
        let point = |(x, work): &(u32, u64)| Point {
            x: *x,
            cost: Cost {
                work: *work,
                ..Cost::default()
            },
        };
        Series {
            name: "message",
            bound,
            points: points.iter().map(point).collect(),
        }
    }

    #[test]
    fn the_dearest_size_decides_wherever_it_is() {
        let hump = series(Some(FLAT), &[(1, 100), (10, 106), (100, 100)]);
        assert_eq!(hump.growth(Unit::Message), 1.06);
        assert_eq!(hump.verdict(Unit::Message), Some(false));
        let flat = series(Some(FLAT), &[(1, 100), (10, 105), (100, 90)]);
        assert_eq!(flat.verdict(Unit::Message), Some(true));
        assert_eq!(series(None, &[(1, 1), (2, 9)]).verdict(Unit::Message), None);
    }

    #[test]
    fn gas_for_each_is_by_size() {
        let many = series(None, &[(1, 50), (10, 200)]);
        assert_eq!(many.dearest(Unit::Each), 50.0);
        assert_eq!(many.value(Unit::Each, &many.points[1]), 20.0);
    }
}
