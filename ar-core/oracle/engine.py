"""Answers the steps of one expanded case: plain data in, plain data out."""

import json
from pathlib import Path

import aging
import allocation
import cash
import credit
import credit_policy
import dunning_policy
import dunning_trial
import files
import interest
import kpi
import kpi_policy
import kpi_registry
import letters
import notice_letters
import picture
import policy
import provision
import provision_history
import provision_policy
import prediction
import settlement_policy
import terms
import undo
from dunning import Run
from dunning_lint import lint
from ledger import Ledger, Settings
from settlement import Settlement
from values import Failure, Float, Refused, day, exact, fail, key, money, show, split, unspell
from view import View, account, account_order

# What a posted row may lack, by table.
POSTED = {
    "allocations": ("debit_amount", "instalment", "base_credit", "base_debit"),
    "differences": ("instalment", "reason", "base_amount", "base_document"),
    "documents": ("company", "control_account", "reference", "order", "base_amount", "dimensions"),
}
DUNNED = {
    "notices": ("document", "channel", "procedure", "company", "currency", "due_date"),
    "notice_lines": ("instalment", "interest_until"),
    "documents": ("company", "control_account", "net", "tax"),
}


def read_json(source):
    return json.loads(source, parse_float=Float, parse_constant=lambda name: name)


def policy_of(room, step):
    """The policy of a step; a profile is a file of ar-core/profiles."""
    if "profile" in step:
        path = Path(__file__).resolve().parent.parent / "profiles" / room / f"{step['profile']}.json"
        return json.loads(path.read_text(encoding="utf-8"))
    return step.get("policy", {})


class Engine:
    def __init__(self, settings):
        self.settings = settings
        self.ledger = Ledger(settings)
        self.proposal = None
        self.settlement = None
        self.run = None
        self.forecast = None

    def step(self, step):
        """The answer of one step; Failure when it is refused."""
        if step["do"] == "import":
            return files.answer(step["mapping"], step["text"], Settings(self.settings).digits)
        return getattr(self, step["do"])(step)

    def facts(self, step):
        if step.get("raw"):
            return read_json(step["json"])
        return step["facts"]

    def view(self, step):
        known = step.get("known_on")
        return View(self.ledger, day(step["as_of"]), None if known is None else day(known))

    def load(self, step):
        self.ledger = Ledger(self.settings).append(self.facts(step))
        return {}

    def append(self, step):
        self.ledger = self.ledger.append(self.facts(step), day(step["recorded"]))
        return {}

    def open_items(self, step):
        out = []
        for i in self.view(step).open_items():
            d = i["doc"]
            digits = self.ledger.digits_of(d)
            base = self.ledger.base_currency_of(d)
            out.append(
                {
                    "company": d.get("company", ""),
                    "control_account": d.get("control_account", ""),
                    "customer": d["customer"],
                    "currency": d["currency"],
                    "document": d["id"],
                    "instalment": i["instalment"],
                    "kind": d["kind"],
                    "document_date": d["document_date"].isoformat(),
                    "due_date": None if i["due"] is None else i["due"].isoformat(),
                    "open": show(i["open"], digits),
                    "base_open": None if i["base"] is None else show(i["base"], self.ledger.settings.digits[base]),
                    "disputed": show(i["disputed"], digits),
                    "held": show(i["held"], digits),
                    "pending": show(i["pending"], digits),
                }
            )
        return {"items": out}

    def pending(self, step):
        view = self.view(step)
        facts = [
            {"table": table, "id": name, "effective": on.isoformat(), "recorded": known.isoformat()}
            for on, table, name, known in view.pending_facts()
        ]
        sums = {}
        for d in view.pending_receipts():
            sums[account(d)] = sums.get(account(d), 0) + d["amount"]
        receipts = []
        for a, amount in sorted(sums.items(), key=lambda s: account_order(s[0])):
            row = dict(zip(("company", "control_account", "customer", "currency"), a))
            receipts.append({**row, "amount": show(amount, self.ledger.settings.digits[a[3]])})
        return {"facts": facts, "receipts": receipts}

    def matches(self, step):
        out = []
        digits = self.ledger.settings.digits
        for row in self.view(step).matches():
            one = dict.fromkeys(("credit", "debit", "amount", "debit_amount", "currency", "debit_currency", "base_credit", "base_debit", "exchange"))
            one |= {"id": row["id"], "kind": row.get("kind", "allocation"), "effective": row["effective"].isoformat()}
            one |= {"instalment": row.get("instalment", 0), "beside": row.get("allocation"), "reason": row.get("reason")}
            if "document" in row:
                d = self.ledger.documents[row["document"]]
                credit, debit = (d, None) if d["amount"] < 0 else (None, d)
                legs = {"base_credit": row["leg"] if credit else row["worth"], "base_debit": row["worth"] if credit else row["leg"]}
                amounts = row["amount"], row["amount"]
            else:
                credit, debit = self.ledger.documents[row["credit"]], self.ledger.documents[row["debit"]]
                legs = {"base_credit": row["leg_credit"], "base_debit": row["leg_debit"]}
                amounts = row["amount"], row["debit_amount"]
            if credit:
                one |= {"credit": credit["id"], "currency": credit["currency"], "amount": show(amounts[0], self.ledger.digits_of(credit))}
            if debit:
                one |= {"debit": debit["id"], "debit_currency": debit["currency"], "debit_amount": show(amounts[1], self.ledger.digits_of(debit))}
            bases = {
                "base_credit": self.ledger.base_currency_of(credit or debit),
                "base_debit": self.ledger.base_currency_of(debit or credit),
            }
            one |= {name: show(minor, digits[bases[name]]) for name, minor in legs.items() if minor is not None}
            if None not in legs.values() and bases["base_credit"] == bases["base_debit"]:
                one["exchange"] = show(legs["base_credit"] - legs["base_debit"], digits[bases["base_credit"]])
            out.append(one)
        return {"matches": out}

    def aged(self, step):
        return aging.Aging(self.view(step), policy.aging(policy_of("aging", step)), step.get("by", []), step.get("where"))

    def view_of(self, on, known):
        return View(self.ledger, on, known)

    def model(self, step):
        trained = day(step.get("trained", step.get("as_of")))
        return prediction.Model(self.view_of(trained, None), step.get("prediction", {}))

    def predict(self, step):
        return prediction.predict(self.view(step), self.model(step), step.get("ask", {}))

    def cash_forecast(self, step):
        model, where = self.model(step), step.get("where", {})
        self.forecast = cash.forecast(self.view(step), model, step.get("policy", {}), step.get("by", []), where)
        self.forecast_about = model.policy["holidays"], where
        return self.forecast

    def cash_at_risk(self, step):
        return cash.at_risk(self.view(step), self.model(step), step.get("policy", {}))

    def forecast_accuracy(self, step):
        start, end = day(step["from"]), day(step["to"])
        return cash.accuracy(self.ledger, self.view_of, self.model(step), step.get("policy", {}), start, end)

    def compare_forecast(self, step):
        return cash.compare(self.ledger, self.view_of, self.forecast, self.forecast_about)

    def prediction_drift(self, step):
        return prediction.drift(self.view(step), self.model(step))

    def prediction_calibration(self, step):
        return prediction.calibration(self.ledger, self.view_of, step.get("prediction", {}), day(step["day"]), step["span"])

    def aging(self, step):
        return self.aged(step).report()

    def aging_items(self, step):
        return {"items": self.aged(step).lines()}

    def explain_aging(self, step):
        lines = self.aged(step).lines()
        for name in ("customer", "document", "instalment", "bucket"):
            if name in step:
                lines = [i for i in lines if i[name] == step[name]]
        return {"items": lines}

    def reconcile(self, step):
        digits = self.ledger.settings.digits
        control, problems = {}, []
        for index, row in enumerate(step["balances"]):
            place = (row.get("company") or "", row.get("control_account") or "", row["currency"])
            try:
                if row["currency"] not in digits:
                    raise Refused("unknown_currency", "currency")
                if place in control:
                    raise Refused("duplicate_id", "company")
                control[place] = money(exact(row["balance"]), digits[row["currency"]], 2**95 - 1)
            except Refused as refused:
                problems.append({"code": refused.code, "table": "balances", "index": index, "field": refused.field or "balance"})
        if problems:
            raise Failure(problems)
        ledger = {}
        for i in self.view(step).open_items():
            company, ca, _, currency = account(i["doc"])
            ledger[(company, ca, currency)] = ledger.get((company, ca, currency), 0) + i["open"]
        out = []
        for place in sorted(set(ledger) | set(control), key=lambda p: tuple(key(x) for x in p)):
            ours, theirs = ledger.get(place, 0), control.get(place, 0)
            if ours != theirs:
                n = digits[place[2]]
                out.append(
                    {
                        **dict(zip(("company", "control_account", "currency"), place)),
                        "ledger": show(ours, n),
                        "control": show(theirs, n),
                        "difference": show(ours - theirs, n),
                    }
                )
        return {"differences": out}

    def propose(self, step):
        self.proposal = allocation.Proposal(self.view(step), policy.allocation(policy_of("allocation", step)))
        return {"lines": self.proposal.lines, "unapplied": self.proposal.unapplied}

    def explain_proposal(self, step):
        lines, unapplied = self.proposal.lines, self.proposal.unapplied
        if "credit" in step:
            lines = [i for i in lines if i["credit"] == step["credit"]]
            unapplied = [u for u in unapplied if u["credit"] == step["credit"]]
        if "debit" in step:
            lines = [i for i in lines if i["debit"] == step["debit"]]
            unapplied = []
        return {"lines": lines, "unapplied": unapplied}

    def post(self, step):
        rows = self.proposal.facts(step["id_prefix"])
        self.ledger = self.ledger.append({"allocations": rows}, day(step["recorded"]))
        return {"allocations": [{"instalment": None, **row} for row in rows]}

    # --- settlement ----------------------------------------------------------------------------------------------------

    def settle(self, step):
        self.settlement = Settlement(self.view(step), settlement_policy.settlement(policy_of("settlement", step)))
        return self.settlement.answer()

    def settle_without(self, step):
        self.settlement = self.settlement.without(step["lines"])
        return self.settlement.answer()

    def post_settlement(self, step):
        facts = self.settlement.facts(step["id_prefix"])
        self.ledger = self.ledger.append(facts, day(step["recorded"]))
        return {table: [{**dict.fromkeys(POSTED[table]), **row} for row in rows] for table, rows in facts.items()}

    def undo(self, step):
        facts = undo.undo(self.view(step), step["ids"])
        if "recorded" in step:
            self.ledger = self.ledger.append(facts, day(step["recorded"]))
        return facts

    def revaluation(self, step):
        return undo.revaluation(self.view(step))

    # --- credit --------------------------------------------------------------------------------------------------------

    def credit(self, step):
        return credit.Credit(self.view(step), credit_policy.credit(policy_of("credit", step)))

    def exposure(self, step):
        return self.credit(step).all(step.get("per", "customer"), step.get("company"))

    def picture(self, step):
        return picture.picture(self.view(step), picture.policy(step.get("policy", {})))

    def credit_alerts(self, step):
        policy = credit_policy.credit(policy_of("credit", step))
        now, before = self.view(step), View(self.ledger, day(step["before"]), None if "before_known_on" not in step else day(step["before_known_on"]))
        alerts = credit.Alerts(now, before, policy).all()
        if "recorded" in step:
            self.ledger = self.ledger.append({"notices": credit.alert_facts(alerts, now.on)}, day(step["recorded"]))
        return {"alerts": alerts}

    def propose_limit(self, step):
        return credit.Proposed(self.credit(step), step).answer()

    def credit_check(self, step):
        return self.credit(step).check(step)

    # --- key figures ---------------------------------------------------------------------------------------------------

    def kpis(self, step):
        policy = kpi_policy.kpi(policy_of("kpi", step))
        return kpi.report(self.view(step), policy, step.get("by", []), step.get("where", {}))

    def kpi_registry(self, step):
        return {"kpis": kpi_registry.registry()}

    def explain_dso(self, step):
        policy = kpi_policy.kpi(policy_of("kpi", step))
        known = step.get("before_known_on")
        before = View(self.ledger, day(step["before"]), None if known is None else day(known))
        return kpi.Change(self.view(step), before, policy, step.get("by", []), step.get("where", {})).answer()

    # --- provision -----------------------------------------------------------------------------------------------------

    def provided(self, step):
        policy = provision_policy.provision(policy_of("provision", step))
        before = [{"currency": row["currency"], "amount": exact(row["amount"])} for row in step.get("before", [])]
        return provision.Provision(self.view(step), policy, before)

    def provision(self, step):
        return self.provided(step).answer()

    def explain_provision(self, step):
        return self.provided(step).explain(step)

    def loss_rates(self, step):
        policy = provision_policy.loss_rates(policy_of("loss_rates", step))
        return provision_history.LossRates(self.view(step), policy).answer()

    def back_test(self, step):
        policy = provision_policy.provision(policy_of("provision", step))
        known = step.get("then_known_on")
        then = View(self.ledger, day(step["then"]), None if known is None else day(known))
        kinds, still_open = step.get("loss_kinds", ["write_off"]), step.get("still_open", "lost")
        return provision_history.back_test(self.view(step), then, policy, kinds, still_open)

    # --- dunning -------------------------------------------------------------------------------------------------------

    def dun(self, step):
        self.run = Run(self.view(step), dunning_policy.dunning(policy_of("dunning", step)))
        return self.run.answer()

    def settle_edit(self, step):
        self.settlement = self.settlement.edit(step["edits"])
        return self.settlement.answer()

    def dun_without(self, step):
        self.run = self.run.without(step["notices"])
        return self.run.answer()

    def post_dunning(self, step):
        facts = self.run.facts(step["id_prefix"])
        if "recorded" in step:
            self.ledger = self.ledger.append(facts, day(step["recorded"]))
        return {table: [{**dict.fromkeys(DUNNED[table]), **row} for row in rows] for table, rows in facts.items()}

    def simulate_dunning(self, step):
        policy = dunning_policy.dunning(policy_of("dunning", step))
        return dunning_trial.Simulation(self.ledger, policy, day(step["from"]), day(step["to"])).answer()

    def compare_dunning(self, step):
        one = dunning_policy.dunning(policy_of("dunning", step))
        step = {"policy": step.get("other", {}), **({"profile": step["other_profile"]} if "other_profile" in step else {}), "from": step["from"], "to": step["to"]}
        other = dunning_policy.dunning(policy_of("dunning", step))
        return dunning_trial.compare(self.ledger, one, other, day(step["from"]), day(step["to"]))

    def audit_dunning(self, step):
        policy = dunning_policy.dunning(policy_of("dunning", step))
        return dunning_trial.audit(self.ledger, policy, day(step["from"]), day(step["to"]), step.get("tolerance_days", 0))

    def lint_dunning(self, step):
        return {"warnings": lint(dunning_policy.dunning(policy_of("dunning", step)))}

    # --- interest ------------------------------------------------------------------------------------------------------

    def interest(self, step):
        return interest.report(self.view(step), step)

    def explain_interest(self, step):
        return interest.report(self.view(step), step)

    def debt_interest(self, step):
        return interest.debt(step, Settings(self.settings))

    # --- values and terms ----------------------------------------------------------------------------------------------

    def money(self, step):
        digits = Settings(self.settings).digits
        if step["currency"] not in digits:
            fail("unknown_currency", "currency")
        try:
            minor = money(exact(unspell(step["value"])), digits[step["currency"]])
        except Refused as refused:
            fail(refused.code, "value")
        return {"money": show(minor, digits[step["currency"]]), "minor": str(minor)}

    def split(self, step):
        digits = Settings(self.settings).digits
        if step["currency"] not in digits:
            fail("unknown_currency", "currency")
        weights = step["weights"]
        if not isinstance(weights, list) or not all(policy.is_whole(w) and 0 <= w < 2**64 for w in weights) or sum(weights) == 0:
            fail("policy_invalid", "weights")
        try:
            minor = money(exact(step["amount"]), digits[step["currency"]])
        except Refused as refused:
            fail(refused.code, "amount")
        return {"parts": [show(part, digits[step["currency"]]) for part in split(minor, weights)]}

    def due_dates(self, step):
        return terms.answer(step, Settings(self.settings), explain=False)

    def explain_due_dates(self, step):
        return terms.answer(step, Settings(self.settings), explain=True)

    def day_count(self, step):
        days, fraction = terms.day_count(step["convention"], day(step["from"]), day(step["to"]))
        return {"days": days, "fraction": terms.lowest(fraction)}

    def discount_rates(self, step):
        return terms.discount_rates(step["percent"], step["discount_days"], step["net_days"])

    def business_day(self, step):
        cal = terms.business_calendar(step.get("calendar"), "calendar")
        if step["roll"] not in terms.ROLLS:
            fail("policy_invalid", "roll")
        return {"day": terms.roll(day(step["day"]), step["roll"], cal).isoformat()}

    # --- letters -------------------------------------------------------------------------------------------------------

    def creditor_reference(self, step):
        return letters.made(step["text"])

    def check_creditor_reference(self, step):
        return letters.checked(step["text"])

    def local_money(self, step):
        letters.known_language(step["language"])
        digits = Settings(self.settings).digits
        minor = int(self.money(step)["minor"])
        return {"text": letters.local_money(minor, digits[step["currency"]], step["currency"], step["language"])}

    def local_date(self, step):
        letters.known_language(step["language"])
        return {"text": letters.local_date(day(step["day"]), step["language"])}

    def notice_letters(self, step):
        return {"letters": notice_letters.letters(self.run, step.get("stationery", {}))}

    def letter(self, step):
        return letters.letter(step, Settings({}).digits)
