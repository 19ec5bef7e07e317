//! Why is an item not on a notice? The first predicate that failed, in the order in which they are asked.

/// What became of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub(super) enum Verdict {
    Noticed,
    OutOfScope,
    NoProcedure,
    QuietDay,
    Blocked,
    Held,
    CreditIgnored,
    CreditCovers,
    CreditUnlisted,
    CreditWaits,
    RequirementMissing,
    Disputed,
    InPlan,
    Unfounded,
    Promised,
    InFlight,
    Covered,
    NoticedToday,
    Interval,
    NoDueDate,
    NotDue,
    InGrace,
    Waiting,
    LastLevel,
    MaxNotices,
    RateMissing,
    MinimumDays,
    BelowMinimum,
    NothingToClaim,
    Refused,
}

impl Verdict {
    /// Whether it says that a debit is not asked for at all, whatever its days.
    pub(super) fn keeps_back(self) -> bool {
        let is_other =
            matches!(self, Self::OutOfScope | Self::NoProcedure | Self::QuietDay | Self::Blocked | Self::Unfounded);
        is_other || self.is_shared_by_charges()
    }

    /// Whether it says that there was money for a debit.
    pub(super) fn is_paid(self) -> bool {
        matches!(self, Self::InFlight | Self::Covered)
    }

    /// Whether nobody is reminded of a debit any more, and so of its charges neither.
    pub(super) fn ends_claims(self) -> bool {
        matches!(self, Self::LastLevel | Self::MaxNotices | Self::RateMissing)
    }

    /// Whether a debit is late and has its notice another day, so that its charges wait for that.
    pub(super) fn comes_later(self) -> bool {
        matches!(self, Self::NoticedToday | Self::Interval | Self::InGrace | Self::Waiting)
    }

    /// Whether charges are left out for it with the document that they belong to.
    pub(super) fn is_shared_by_charges(self) -> bool {
        matches!(
            self,
            Self::Held
                | Self::RequirementMissing
                | Self::Disputed
                | Self::InPlan
                | Self::Promised
                | Self::InFlight
                | Self::Covered
        )
    }

    /// Its name in data; empty for an item that is on a notice.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Noticed => "",
            Self::OutOfScope => "out_of_scope",
            Self::NoProcedure => "no_procedure",
            Self::QuietDay => "quiet_day",
            Self::Blocked => "blocked",
            Self::Held => "held",
            Self::CreditIgnored => "credit_ignored",
            Self::CreditCovers => "credit_covers",
            Self::CreditUnlisted => "credit_unlisted",
            Self::CreditWaits => "credit_waits",
            Self::RequirementMissing => "requirement_missing",
            Self::Disputed => "disputed",
            Self::InPlan => "in_plan",
            Self::Unfounded => "unfounded",
            Self::Promised => "promised",
            Self::InFlight => "in_flight",
            Self::Covered => "covered",
            Self::NoticedToday => "noticed_today",
            Self::Interval => "interval",
            Self::NoDueDate => "no_due_date",
            Self::NotDue => "not_due",
            Self::InGrace => "in_grace",
            Self::Waiting => "waiting",
            Self::LastLevel => "last_level",
            Self::MaxNotices => "max_notices",
            Self::RateMissing => "rate_missing",
            Self::MinimumDays => "minimum_days",
            Self::BelowMinimum => "below_minimum",
            Self::NothingToClaim => "nothing_to_claim",
            Self::Refused => "refused",
        }
    }
}
