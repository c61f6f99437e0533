//! Logarithm and exponential that give the same bits everywhere.
//!
//! The standard library's come from the platform and may differ in the last digit, and an
//! interval must not. Additions, multiplications, divisions and square roots are exact to
//! the last bit by IEEE 754, so what is made of them in a fixed order is, too.

use std::f64::consts::{LN_2, SQRT_2};

/// The natural logarithm of a positive, normal number.
pub(super) fn ln(x: f64) -> f64 {
    // x = m · 2^e, with m as near to 1 as can be.
    let bits = x.to_bits();
    let mut e = (bits >> 52) as i64 - 1023;
    let mut m = f64::from_bits(bits & !(0x7ff << 52) | 1023 << 52);
    if m > SQRT_2 {
        m /= 2.0;
        e += 1;
    }
    // ln m = 2 artanh s = 2 (s + s³/3 + s⁵/5 + …); s is below 0.172, so these are enough.
    let s = (m - 1.0) / (m + 1.0);
    let series = (0..=10).rev().fold(0.0, |sum, i| sum * s * s + 1.0 / f64::from(2 * i + 1));
    e as f64 * LN_2 + 2.0 * s * series
}

/// e to the power of `x`; beyond ±700, which no measurement needs, that of ±700.
pub(super) fn exp(x: f64) -> f64 {
    // x = r + k ln 2, so that eˣ = eʳ · 2ᵏ.
    let x = x.clamp(-700.0, 700.0);
    let k = (x / LN_2).round();
    let r = x - k * LN_2;
    // Horner's form of 1 + r + r²/2! + …
    let power = (1..=13).rev().fold(1.0, |sum, i| 1.0 + sum * r / f64::from(i));
    power * f64::from_bits(((k as i64 + 1023) as u64) << 52)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_agree_with_the_platforms_own_to_fourteen_digits() {
        for i in 1..2_000 {
            for x in [f64::from(i) / 997.0, f64::from(i) * 1e-9, f64::from(i) * 1e9] {
                assert!((ln(x) - x.ln()).abs() <= 1e-14 * x.ln().abs().max(0.01), "ln {x}");
                let y = x.ln();
                assert!((exp(y) / y.exp() - 1.0).abs() <= 1e-14, "exp {y}");
            }
        }
        assert_eq!((ln(1.0), exp(0.0)), (0.0, 1.0));
    }

    #[test]
    fn they_give_these_bits_on_every_platform() {
        let logarithms = [
            (0.5, 0xbfe6_2e42_fefa_39ef_u64),
            (1.1, 0x3fb8_663f_793c_46cc),
            (3e7, 0x4031_377a_2be9_7aa4),
        ];
        for (x, bits) in logarithms {
            assert_eq!(ln(x).to_bits(), bits, "ln {x}");
        }
        let powers = [
            (-3.0, 0x3fa9_7db0_ccce_b0ae_u64),
            (0.07, 0x3ff1_28fe_56b2_de6a),
            (20.5, 0x41c7_d6c4_f0bc_dd63),
        ];
        for (x, bits) in powers {
            assert_eq!(exp(x).to_bits(), bits, "exp {x}");
        }
    }
}
