"""The same questions asked of Polars and of DuckDB, each in its own best words, on its own resident tables.

Every engine is asked twice, in exact decimals and in whole cents, and (where an order helps) once more on tables it
holds sorted. The runner lets each peer stand on the quickest of its forms. Answers come back as Arrow tables of
integers, cents included, so that they can be compared row by row.

An open balance may be of either sign; a bucket is the number of edges an item's days past due have passed.
"""

import datetime as dt

import duckdb
import polars as pl
import pyarrow as pa

EDGES = (0, 30, 60, 90, 120)
# Days past due from which an item is at a level of dunning, from the first level on.
LEVELS = (1, 15, 30, 60)
EPOCH = dt.date(1970, 1, 1)


def date_of(day: int) -> dt.date:
    return EPOCH + dt.timedelta(days=day)


class Polars:
    """Lazy frames over rechunked, resident columns."""

    name = "polars"

    def __init__(self, book, form: str, ordered: bool = False):
        self.form = form
        money = {"decimal": "", "cents": "_cents"}[form]

        def own(table, amount):
            other = amount if money else amount + "_cents"
            return pl.from_arrow(table.drop_columns([other])).rename({amount + money: amount}, strict=False).rechunk()

        self.items = own(book.items, "open")
        self.payments = own(book.payments, "amount")
        if not ordered:  # the facts are asked of once, in no order
            self.documents = own(book.documents, "amount")
            self.allocations = own(book.allocations, "amount")
        if ordered:
            self.items = self.items.sort("customer", "currency", "due", "item")
            self.payments = self.payments.sort("customer", "currency", "day", "payment")
        self.ordered = ordered
        self.nothing = pl.lit(0, self.items["open"].dtype)

    def _bucket(self, day):
        late = (pl.lit(date_of(day)) - pl.col("due")).dt.total_days().cast(pl.Int32)
        chain = pl.when(late <= EDGES[0]).then(0)
        for bucket, edge in enumerate(EDGES[1:], 1):
            chain = chain.when(late <= edge).then(bucket)
        return chain.otherwise(len(EDGES)).cast(pl.Int8).alias("bucket")

    def aging(self, day):
        return (
            self.items.lazy()
            .with_columns(self._bucket(day))
            .group_by("customer", "currency", "bucket")
            .agg(pl.col("open").sum())
            .collect()
        )

    def dunning(self, day):
        """Who is reminded, at which level: that of the oldest debit. No minima, history or reasons: the levels alone."""
        late = self._late_debits(day)
        oldest = late.group_by("customer", "currency").agg(pl.col("due").min())
        return oldest.select("customer", "currency", self._level(day)).collect()

    def dunning_by_line(self, day):
        """The same by the highest of the levels of all debits."""
        lines = self._late_debits(day).select("customer", "currency", self._level(day))
        return lines.group_by("customer", "currency").agg(pl.col("level").max()).collect()

    def dunning_lines(self, day):
        """Each debit with its level, and nobody who is reminded: what is left when a run is taken for a filter."""
        return self._late_debits(day).select("item", self._level(day)).collect()

    def _late_debits(self, day):
        is_late = pl.col("due") <= pl.lit(date_of(day - LEVELS[0]))
        return self.items.lazy().filter(is_late & (pl.col("open") > self.nothing))

    def _level(self, day):
        passed = [(pl.col("due") <= pl.lit(date_of(day - days))).cast(pl.UInt8) for days in LEVELS]
        return sum(passed, start=pl.lit(0, pl.UInt8)).alias("level")

    def fifo(self):
        account = ["customer", "currency"]
        debits = self.items.lazy().filter(pl.col("open") > self.nothing)
        credits = self.payments.lazy()
        if not self.ordered:
            debits = debits.sort(*account, "due", "item")
            credits = credits.sort(*account, "day", "payment")
        # Both sides as running totals on one line: between two marks lies one allocation.
        marks = pl.concat(
            [
                debits.select(
                    *account,
                    pl.col("open").cum_sum().over(account).alias("mark"),
                    pl.col("item"),
                    pl.lit(None, pl.Int32).alias("payment"),
                ),
                credits.select(
                    *account,
                    pl.col("amount").cum_sum().over(account).alias("mark"),
                    pl.lit(None, pl.Int32).alias("item"),
                    pl.col("payment"),
                ),
            ],
            how="vertical_relaxed",
        ).sort(*account, "mark")
        return (
            marks.with_columns(
                (pl.col("mark") - pl.col("mark").shift(1).over(account).fill_null(0)).alias("amount"),
                pl.col("item").backward_fill().over(account),
                pl.col("payment").backward_fill().over(account),
            )
            .filter(pl.col("item").is_not_null() & pl.col("payment").is_not_null() & (pl.col("amount") > 0))
            .select("payment", "item", "amount")
            .collect()
        )

    def as_of_aging(self, day):
        on = date_of(day)
        used = self.allocations.lazy().filter(pl.col("day") <= on)
        moved = pl.concat(
            [
                used.select(pl.col("debit").alias("document"), (-pl.col("amount")).alias("moved")),
                used.select(pl.col("credit").alias("document"), pl.col("amount").alias("moved")),
            ]
        )
        moved = moved.group_by("document").agg(pl.col("moved").sum())
        return (
            self.documents.lazy()
            .filter(pl.col("issued") <= on)
            .join(moved, on="document", how="left")
            .with_columns((pl.col("amount") + pl.col("moved").fill_null(0)).alias("open"))
            .filter(pl.col("open") != self.nothing)
            .with_columns(self._bucket(day))
            .group_by("customer", "currency", "bucket")
            .agg(pl.col("open").sum())
            .collect()
        )

    def exposure(self, day):
        """What is open by customer and currency, as one sum: no parts, limits or commitments."""
        return self.items.lazy().group_by("customer", "currency").agg(pl.col("open").sum().alias("exposure")).collect()

    def hold_kpi(self, day):
        """The open items of the day, as our view has them. Outside the timing."""
        self.stood = self._stood(day).collect().rechunk()

    def _stood(self, day):
        on = date_of(day)
        return (
            self.documents.lazy()
            .filter(pl.col("issued") <= on)
            .join(self._moved(on), on="document", how="left")
            .with_columns((pl.col("amount") + pl.col("moved").fill_null(0)).alias("open"))
            .filter(pl.col("open") != self.nothing)
            .select("customer", "currency", "due", "open")
        )

    def _moved(self, on):
        used = self.allocations.lazy().filter(pl.col("day") <= on)
        moved = pl.concat(
            [
                used.select(pl.col("debit").alias("document"), (-pl.col("amount")).alias("moved")),
                used.select(pl.col("credit").alias("document"), pl.col("amount").alias("moved")),
            ]
        )
        return moved.group_by("document").agg(pl.col("moved").sum())

    def kpi(self, day):
        """Days sales outstanding, days delinquent and collection effectiveness by customer and currency, with what they are made from."""
        on, begin = date_of(day), date_of(BEGIN)
        account = ["customer", "currency"]
        owed = self.stood.lazy().group_by(account)
        owed = owed.agg(pl.col("open").sum(), pl.col("open").filter(pl.col("due") < on).sum().alias("late"))
        sold = (pl.col("issued") > begin) & (pl.col("kind") < 2)
        before = pl.col("issued") <= begin
        moved = self._moved(begin)
        both = (
            self.documents.lazy()
            .filter(pl.col("issued") <= on)
            .join(moved, on="document", how="left")
            .group_by(account)
            .agg(
                pl.col("amount").filter(sold).sum().alias("sales"),
                (pl.col("amount") + pl.col("moved").fill_null(0)).filter(before).sum().alias("begin"),
            )
            .join(owed, on=account, how="left")
            .with_columns(pl.col("open").fill_null(0), pl.col("late").fill_null(0))
        )
        number = lambda name: pl.col(name).cast(pl.Float64)
        could = number("begin") + number("sales")
        return both.with_columns(
            (number("open") * (day - BEGIN) / number("sales")).alias("dso"),
            (number("late") * (day - BEGIN) / number("sales")).alias("delinquent"),
            (100 * (could - number("open")) / (could - number("open") + number("late"))).alias("cei"),
        ).collect()

    def load(self, documents):
        return pl.from_arrow(documents).rechunk()

    def append(self, loaded, more):
        return pl.concat([loaded, pl.from_arrow(more)])

    def to_cents(self, frame):
        """The answer in integers. Outside the timing."""
        if "level" in frame.columns:
            return frame.to_arrow()
        if "sales" in frame.columns:
            return figures(frame.to_arrow(), self.form)
        money = frame.columns[-1]
        column = pl.col(money)
        if self.form == "decimal":
            column = column.cast(pl.Decimal(38, 2)) * 100
        return frame.with_columns(column.cast(pl.Int64)).to_arrow()


class DuckDB:
    """Tables in an in-memory database, insertion order not kept where it need not be."""

    name = "duckdb"

    def __init__(self, book, form: str, ordered: bool = False):
        self.form = form
        self.db = duckdb.connect()
        self.db.execute("set preserve_insertion_order = false" if not ordered else "set preserve_insertion_order = true")
        suffix = {"decimal": "", "cents": "_cents"}[form]
        for name, money, sort in (
            ("items", "open", "customer, currency, due, item"),
            ("payments", "amount", "customer, currency, day, payment"),
            ("documents", "amount", None),
            ("allocations", "amount", None),
        ):
            if ordered and not sort:
                continue  # the facts are asked of once, in no order
            self.db.register("source", getattr(book, name))
            keep = f"* exclude ({money}, {money}_cents), {money}{suffix} as {money}"
            order = f" order by {sort}" if ordered and sort else ""
            self.db.execute(f"create table {name} as select {keep} from source{order}")
            self.db.unregister("source")
        if ordered:
            self.db.execute("set preserve_insertion_order = false")

    def _bucket(self, day):
        late = f"(date '{date_of(day)}' - due)"
        steps = " ".join(f"when {late} <= {edge} then {bucket}" for bucket, edge in enumerate(EDGES))
        return f"cast(case {steps} else {len(EDGES)} end as tinyint)"

    def _ask(self, sql):
        return self.db.sql(sql).to_arrow_table()

    def aging(self, day):
        return self._ask(
            f"select customer, currency, {self._bucket(day)} as bucket, sum(open) as open from items group by all"
        )

    def dunning(self, day):
        return self._ask(
            f"select customer, currency, {self._level(day, 'min(due)')} as level from items where {self._is_late(day)} group by all"
        )

    def dunning_by_line(self, day):
        return self._ask(
            f"select customer, currency, max({self._level(day, 'due')}) as level from items where {self._is_late(day)} group by all"
        )

    def dunning_lines(self, day):
        return self._ask(f"select item, {self._level(day, 'due')} as level from items where {self._is_late(day)}")

    def _is_late(self, day):
        return f"due <= date '{date_of(day - LEVELS[0])}' and open > 0"

    def _level(self, day, due):
        steps = [f"when {due} <= date '{date_of(day - days)}' then {level}" for level, days in enumerate(LEVELS, 1)]
        return f"cast(case {' '.join(reversed(steps))} end as tinyint)"

    def fifo(self):
        # Two runs of intervals per account, joined where they overlap.
        return self._ask(
            """
            with debit as (
                select customer, currency, item, open,
                    sum(open) over (partition by customer, currency order by due, item rows unbounded preceding) as upto
                from items where open > 0),
            credit as (
                select customer, currency, payment, amount,
                    sum(amount) over (partition by customer, currency order by day, payment rows unbounded preceding) as upto
                from payments)
            select payment, item,
                least(d.upto, c.upto) - greatest(d.upto - d.open, c.upto - c.amount) as amount
            from debit d join credit c on d.customer = c.customer and d.currency = c.currency
                and d.upto - d.open < c.upto and c.upto - c.amount < d.upto
            """
        )

    def fifo_marks(self):
        # The same by marks on one line: no join, more windows.
        return self._ask(
            """
            with mark as (
                select customer, currency, item, cast(null as integer) as payment,
                    sum(open) over (partition by customer, currency order by due, item rows unbounded preceding) as upto
                from items where open > 0
                union all
                select customer, currency, null, payment,
                    sum(amount) over (partition by customer, currency order by day, payment rows unbounded preceding)
                from payments),
            step as (
                select upto - coalesce(lag(upto) over line, 0) as amount,
                    first_value(item ignore nulls) over (line rows between current row and unbounded following) as item,
                    first_value(payment ignore nulls) over (line rows between current row and unbounded following) as payment
                from mark window line as (partition by customer, currency order by upto))
            select payment, item, amount from step where item is not null and payment is not null and amount > 0
            """
        )

    def as_of_aging(self, day):
        on = f"date '{date_of(day)}'"
        return self._ask(
            f"""
            with moved as (
                select document, sum(moved) as moved from (
                    select debit as document, -amount as moved from allocations where day <= {on}
                    union all
                    select credit, amount from allocations where day <= {on}) group by document),
            stood as (
                select customer, currency, due, amount + coalesce(moved, 0) as open
                from documents left join moved using (document) where issued <= {on})
            select customer, currency, {self._bucket(day)} as bucket, sum(open) as open from stood where open <> 0 group by all
            """
        )

    def exposure(self, day):
        """What is open by customer and currency, as one sum: no parts, limits or commitments."""
        return self._ask("select customer, currency, sum(open) as exposure from items group by all")

    def hold_kpi(self, day):
        """The open items of the day, as our view has them. Outside the timing."""
        on = f"date '{date_of(day)}'"
        self.db.execute(
            f"""
            create or replace table stood as with moved as ({self._moved(on)})
            select customer, currency, due, amount + coalesce(moved, 0) as open
            from documents left join moved using (document)
            where issued <= {on} and amount + coalesce(moved, 0) <> 0
            """
        )

    def _moved(self, on):
        return f"""
            select document, sum(moved) as moved from (
                select debit as document, -amount as moved from allocations where day <= {on}
                union all
                select credit, amount from allocations where day <= {on}) group by document"""

    def kpi(self, day):
        """Days sales outstanding, days delinquent and collection effectiveness by customer and currency, with what they are made from."""
        on, begin = f"date '{date_of(day)}'", f"date '{date_of(BEGIN)}'"
        return self._ask(
            f"""
            with moved as ({self._moved(begin)}),
            owed as (
                select customer, currency, sum(open) as open, coalesce(sum(open) filter (due < {on}), 0) as late
                from stood group by all),
            sold as (
                select customer, currency,
                    coalesce(sum(amount) filter (issued > {begin} and kind < 2), 0) as sales,
                    coalesce(sum(amount + coalesce(moved, 0)) filter (issued <= {begin}), 0) as begin
                from documents left join moved using (document) where issued <= {on} group by all),
            both_sides as (
                select customer, currency, sales, begin, coalesce(open, 0) as open, coalesce(late, 0) as late
                from sold left join owed using (customer, currency))
            select *,
                cast(open as double) * {day - BEGIN} / cast(nullif(sales, 0) as double) as dso,
                cast(late as double) * {day - BEGIN} / cast(nullif(sales, 0) as double) as delinquent,
                100 * cast(begin + sales - open as double) / cast(nullif(begin + sales - open + late, 0) as double) as cei
            from both_sides
            """
        )

    def load(self, documents):
        db = duckdb.connect()
        db.register("source", documents)
        db.execute("create table documents as select * from source")
        return db

    def append(self, loaded, more):
        loaded.register("more", more)
        loaded.execute("insert into documents select * from more")
        return loaded

    def to_cents(self, table):
        """The answer in integers. Outside the timing."""
        if "level" in table.column_names:
            return table
        if "sales" in table.column_names:
            return figures(table, self.form)
        money = table.column_names[-1]
        times = " * 100" if self.form == "decimal" else ""
        names = ", ".join(table.column_names[:-1])
        return self.db.from_arrow(table).query("t", f"select {names}, cast({money}{times} as bigint) as {money} from t").to_arrow_table()


# The last day before the window of the key figures: 2025-09-30, three months before the day that they are asked of.
BEGIN = 20361
# What a figure without a value is in a comparison.
NO_VALUE = -(10**15)


def figures(table: pa.Table, form: str) -> pa.Table:
    """Key figures to two digits, exactly, from what a peer made them from. Outside the timing."""
    days = 92
    times = 100 if form == "decimal" else 1
    rows = {name: [int(value * times) for value in table[name].to_pylist()] for name in ("sales", "begin", "open", "late")}
    columns = {"dso": [], "delinquent": [], "cei": []}
    for sales, begin, owed, late in zip(*rows.values()):
        columns["dso"].append(hundredths(owed * days, sales))
        columns["delinquent"].append(hundredths(late * days, sales))
        columns["cei"].append(hundredths(100 * (begin + sales - owed), begin + sales - owed + late))
    return pa.table({"customer": table["customer"], "currency": table["currency"], **columns})


def hundredths(numerator: int, denominator: int) -> int:
    """A ratio in hundredths, halves away from zero."""
    if denominator <= 0:
        return NO_VALUE
    size = (abs(numerator) * 200 + denominator) // (2 * denominator)
    return size if numerator >= 0 else -size


def canonical(table: pa.Table) -> pa.Table:
    """Rows in one order and plain types, so that two answers are equal when their tables are."""
    wanted = [pa.int64()] * table.num_columns
    table = table.cast(pa.schema(list(zip(table.column_names, wanted, strict=True))))
    return table.sort_by([(name, "ascending") for name in table.column_names]).combine_chunks()
