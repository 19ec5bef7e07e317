//! How are exponentials and logarithms the same on every machine? By additions, multiplications and divisions alone.
//!
//! IEEE 754 fixes the result of the basic operations to the bit; the functions of a platform's mathematics library it
//! does not. Both functions here are good to about 1e-15 of their value.

const LN_2_HIGH: f64 = 0.693_147_180_369_123_8;
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
const LOG_2_E: f64 = core::f64::consts::LOG2_E;

/// The exponential, between `exp(-700)` and `exp(700)`.
pub(crate) fn exp(x: f64) -> f64 {
    let x = x.clamp(-700.0, 700.0);
    // The conversion cuts towards zero, so the half goes away from it.
    let power = (x * LOG_2_E + if x < 0.0 { -0.5 } else { 0.5 }) as i64;
    let whole = power as f64;
    let rest = (x - whole * LN_2_HIGH) - whole * LN_2_LOW;
    let mut sum = 1.0;
    for step in EXP_STEPS {
        sum = 1.0 + rest * step * sum;
    }
    sum * f64::from_bits((power.saturating_add(1023) as u64) << 52)
}

/// 1/13 down to 1/1: the series of the exponential by Horner's rule.
const EXP_STEPS: [f64; 13] = [
    1.0 / 13.0,
    1.0 / 12.0,
    1.0 / 11.0,
    1.0 / 10.0,
    1.0 / 9.0,
    1.0 / 8.0,
    1.0 / 7.0,
    1.0 / 6.0,
    1.0 / 5.0,
    1.0 / 4.0,
    1.0 / 3.0,
    1.0 / 2.0,
    1.0,
];

/// The natural logarithm of a positive number; that of anything else is that of the smallest one.
pub(crate) fn ln(x: f64) -> f64 {
    let x = if x >= f64::MIN_POSITIVE { x } else { f64::MIN_POSITIVE };
    let bits = x.to_bits();
    let mut power = ((bits >> 52) as i64).saturating_sub(1023);
    let mut part = f64::from_bits((bits & 0x000f_ffff_ffff_ffff) | 0x3ff0_0000_0000_0000);
    if part > core::f64::consts::SQRT_2 {
        part *= 0.5;
        power = power.saturating_add(1);
    }
    let s = (part - 1.0) / (part + 1.0);
    let square = s * s;
    let mut sum = 0.0;
    for odd in [21.0, 19.0, 17.0, 15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0, 1.0] {
        sum = sum * square + 1.0 / odd;
    }
    power as f64 * LN_2_HIGH + (power as f64 * LN_2_LOW + 2.0 * s * sum)
}

/// The chance that belongs to a log-odds: what [`near_chance`] is measured by.
#[cfg(test)]
pub(crate) fn chance(log_odds: f64) -> f64 {
    1.0 / (1.0 + exp(-log_odds))
}

/// The chance that belongs to a log-odds, good to about 1e-6 of its value.
#[inline]
pub(crate) fn near_chance(log_odds: f32) -> f32 {
    // Adding and taking away 1.5 · 2²³ rounds to a whole number.
    const ROUND: f32 = 12_582_912.0;
    let x = -log_odds.clamp(-60.0, 60.0) * core::f32::consts::LOG2_E;
    let shifted = x + ROUND;
    let rest = (x - (shifted - ROUND)) * core::f32::consts::LN_2;
    let mut sum = 1.0 / 720.0;
    for step in [1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0] {
        sum = sum * rest + step;
    }
    let power = shifted.to_bits().wrapping_sub(ROUND.to_bits()).wrapping_add(127) << 23;
    1.0 / (1.0 + sum * f32::from_bits(power))
}

/// The log-odds of a chance.
pub(crate) fn log_odds(chance: f64) -> f64 {
    ln(chance / (1.0 - chance))
}

/// The FNV-1a hash of a text.
pub(crate) fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Numbers that look random and are the same everywhere: SplitMix64.
///
/// **Source**: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014.
#[derive(Debug, Clone)]
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// True so many times out of so many.
    pub(crate) fn falls_below(&mut self, times: u32, of: u64) -> bool {
        let drawn = (u128::from(self.next()).wrapping_mul(u128::from(of))) >> 64;
        drawn < u128::from(times)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_and_ln_are_good_to_thirteen_digits_and_undo_each_other() {
        for step in -3000..3000 {
            let x = f64::from(step) * 0.0317;
            assert!((exp(x) / x.exp() - 1.0).abs() < 1e-13, "exp({x})");
            assert!((ln(exp(x)) - x).abs() < 1e-12, "ln(exp({x}))");
        }
        assert_eq!(exp(0.0).to_bits(), 1.0_f64.to_bits());
        assert_eq!(ln(1.0).to_bits(), 0.0_f64.to_bits());
        for step in -2400..2400 {
            let x = f64::from(step) * 0.025;
            let (near, exact) = (f64::from(near_chance(x as f32)), chance(f64::from(x as f32)));
            assert!((near / exact - 1.0).abs() < 1e-5, "near_chance({x}) is {near}, not {exact}");
        }
        assert!(ln(0.0).is_finite() && ln(-3.0).is_finite() && exp(1e9).is_finite());
    }
}
