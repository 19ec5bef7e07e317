//! Who buys: customers, the groups they belong to, and how they pay.

use super::random::Random;

/// An account's place in the books: company, control account and currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub company: &'static str,
    pub control: &'static str,
    pub currency: &'static str,
}

pub const PLACES: [Place; 5] = [
    Place { company: "DE01", control: "1400", currency: "EUR" },
    Place { company: "DE01", control: "1405", currency: "USD" },
    Place { company: "UK01", control: "1100", currency: "GBP" },
    Place { company: "UK01", control: "1105", currency: "EUR" },
    Place { company: "UK01", control: "1105", currency: "USD" },
];

/// How a customer pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rating {
    A,
    B,
    C,
    D,
}

pub struct Customer {
    pub id: String,
    pub name: String,
    pub parent: Option<usize>,
    pub group: Option<String>,
    pub terms: &'static str,
    pub territory: &'static str,
    pub collector: &'static str,
    pub industry: &'static str,
    pub rating: Rating,
    pub place: Place,
    /// Invoices a year, and about how large, in minor units.
    pub invoices: i64,
    pub size: i64,
}

impl Customer {
    pub fn rating(&self) -> &'static str {
        match self.rating {
            Rating::A => "A",
            Rating::B => "B",
            Rating::C => "C",
            Rating::D => "D",
        }
    }
}

const FIRST: [&str; 30] = [
    "Alder",
    "Birch",
    "Cobalt",
    "Delta",
    "Ember",
    "Fjord",
    "Granite",
    "Harbour",
    "Iris",
    "Juniper",
    "Kestrel",
    "Linden",
    "Meridian",
    "Nordlicht",
    "Orchard",
    "Pinnacle",
    "Quarry",
    "Rowan",
    "Sable",
    "Tundra",
    "Umber",
    "Vesper",
    "Willow",
    "Yarrow",
    "Zephyr",
    "Amber",
    "Basalt",
    "Cedar",
    "Drift",
    "Elm",
];
const SECOND: [(&str, &str); 10] = [
    ("Foods", "food"),
    ("Markets", "retail"),
    ("Kitchens", "hospitality"),
    ("Logistics", "transport"),
    ("Clinics", "health"),
    ("Hotels", "hospitality"),
    ("Stores", "retail"),
    ("Farms", "food"),
    ("Builders", "construction"),
    ("Works", "manufacturing"),
];
const GROUPS: [&str; 12] = [
    "Aurora",
    "Borealis",
    "Castell",
    "Dunmore",
    "Eastgate",
    "Falkner",
    "Greyfriars",
    "Hanse",
    "Isar",
    "Jutland",
    "Kirkwall",
    "Lombard",
];
const TERRITORIES: [(&str, &[&str]); 5] = [
    ("DE01", &["Germany North", "Germany South", "Austria"]),
    ("DE01", &["United States", "Canada"]),
    ("UK01", &["England", "Scotland", "Wales"]),
    ("UK01", &["Ireland"]),
    ("UK01", &["United States"]),
];
const COLLECTORS: [(&str, [&str; 2]); 2] =
    [("DE01", ["team-elbe", "team-isar"]), ("UK01", ["team-thames", "team-tweed"])];

/// A hundred and twenty customers, forty of them in groups.
pub fn customers(random: &mut Random) -> Vec<Customer> {
    let mut all: Vec<Customer> = Vec::new();
    for at in 0..120_usize {
        let group = (at < 40).then_some(at % GROUPS.len());
        let parent = group.filter(|_| at >= GROUPS.len());
        let place_at = match parent {
            Some(parent) => PLACES.iter().position(|place| *place == all[parent].place).unwrap_or(0),
            None => usize::try_from(random.pick(&[0, 0, 0, 0, 0, 1, 1, 2, 2, 2, 3, 4])).unwrap_or(0),
        };
        let place = PLACES[place_at];
        let (second, industry) = random.pick(&SECOND);
        let first = match group {
            Some(group) => GROUPS[group].to_owned(),
            None => FIRST[(at * 7) % FIRST.len()].to_owned(),
        };
        let name = match (parent, group) {
            (None, Some(_)) => format!("{first} Holding"),
            (Some(_), _) => format!("{first} {second} {}", ["North", "South", "East", "West"][(at / GROUPS.len()) % 4]),
            _ => format!("{first} {second}"),
        };
        let rating = random.pick(&[
            Rating::A,
            Rating::A,
            Rating::A,
            Rating::B,
            Rating::B,
            Rating::B,
            Rating::C,
            Rating::C,
            Rating::D,
        ]);
        let collectors =
            COLLECTORS.iter().find(|(company, _)| *company == place.company).map_or(["", ""], |(_, of)| *of);
        all.push(Customer {
            id: format!("C-{:04}", at + 1),
            name,
            parent,
            group: group.map(|group| GROUPS[group].to_owned()),
            terms: random.pick(&["NET30", "NET30", "NET30", "NET14", "EOM45", "NET60"]),
            territory: random.pick(TERRITORIES[place_at].1),
            collector: collectors[at % 2],
            industry,
            rating,
            place,
            invoices: random.pick(&[4, 6, 8, 10, 12, 14, 18, 24]),
            size: random.pick(&[40_000, 90_000, 250_000, 250_000, 600_000, 1_500_000, 4_000_000]),
        });
    }
    all
}
