// Elementary functions in float32 without branches, so that loops over them become vector code.
// Polynomials after Cephes (Moshier) and, for erf, after Juffa's minimax approximations.
#ifndef DISTILLD_FUNCTIONS_H
#define DISTILLD_FUNCTIONS_H
#include "clones.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

INLINE float from_bits(int32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

INLINE int32_t to_bits(float value) {
    int32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

INLINE float fast_exponential(float x) {
    // Adding and subtracting 1.5 * 2^23 rounds to an integer.
    const float bounded = x > 88.8f ? 88.8f : (x < -104.0f ? -104.0f : x);
    const float magic = 12582912.0f;
    const float shifted = bounded * 1.44269504f + magic;
    const float n = shifted - magic;
    const int32_t power = to_bits(shifted) - to_bits(magic);
    const float r = (bounded - n * 0.693359375f) + n * 2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * (r * r) + r + 1.0f;
    // In two factors, so that neither leaves the range of normal numbers.
    const int32_t half = power >> 1;
    const float y = p * from_bits((half + 127) << 23) * from_bits((power - half + 127) << 23);
    return x == x ? y : x;
}

INLINE float fast_logarithm(float x) {
    const int small = x < 1.17549435e-38f;
    const float scaled = small ? x * 8388608.0f : x;
    int32_t bits = to_bits(scaled);
    // Mantissa into [sqrt(1/2), sqrt(2)).
    const int32_t shifted = bits - 0x3f3504f3;
    const int32_t power = shifted >> 23;
    const float m = from_bits((shifted & 0x007fffff) + 0x3f3504f3);
    const float e = (float)power - (small ? 23.0f : 0.0f);
    const float r = m - 1.0f;
    float p = 7.0376836292e-2f;
    p = p * r - 1.1514610310e-1f;
    p = p * r + 1.1676998740e-1f;
    p = p * r - 1.2420140846e-1f;
    p = p * r + 1.4249322787e-1f;
    p = p * r - 1.6668057665e-1f;
    p = p * r + 2.0000714765e-1f;
    p = p * r - 2.4999993993e-1f;
    p = p * r + 3.3333331174e-1f;
    const float z = r * r;
    float y = p * r * z - e * 2.12194440e-4f - 0.5f * z;
    y = (r + y) + e * 0.693359375f;
    y = x == 0.0f ? -INFINITY : y;
    y = x == INFINITY ? x : y;
    return x >= 0.0f ? y : NAN;
}

INLINE float fast_tanh(float x) {
    const float a = fabsf(x), z = x * x;
    float p = -5.70498872745e-3f;
    p = p * z + 2.06390887954e-2f;
    p = p * z - 5.37397155531e-2f;
    p = p * z + 1.33314422036e-1f;
    p = p * z - 3.33332819422e-1f;
    const float near = x + x * z * p;
    const float far = copysignf(1.0f - 2.0f / (fast_exponential(2.0f * a) + 1.0f), x);
    return a < 0.625f ? near : far;
}

INLINE float fast_sigmoid(float x) { return 1.0f / (1.0f + fast_exponential(-x)); }

INLINE float fast_erf(float x) {
    const float t = fabsf(x), s = x * x;
    float r = -1.72853470e-5f * t + 3.83197126e-4f;
    const float u = -3.88396438e-3f * t + 2.42546219e-2f;
    r = r * s + u;
    r = r * t - 1.06777877e-1f;
    r = r * t - 6.34846687e-1f;
    r = r * t - 1.28717512e-1f;
    r = r * t - t;
    const float far = copysignf(1.0f - fast_exponential(r), x);
    float q = -5.96761703e-4f;
    q = q * s + 4.99119423e-3f;
    q = q * s - 2.67681349e-2f;
    q = q * s + 1.12819925e-1f;
    q = q * s - 3.76125336e-1f;
    q = q * s + 1.28379166e-1f;
    const float near = q * x + x;
    return t > 0.921875f ? (t > 10.0f ? copysignf(1.0f, x) : far) : near;
}

/// log(1 + exp(x))
INLINE float fast_softplus(float x) {
    const float u = fast_exponential(-fabsf(x));
    const float w = 1.0f + u;
    // log(1 + u) without losing u's low bits.
    const float l = w == 1.0f ? u : fast_logarithm(w) * (u / (w - 1.0f));
    return (x > 0.0f ? x : 0.0f) + l;
}

#endif
