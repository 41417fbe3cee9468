// Products of bfloat16 pairs in registers: what kernels of convolutions with constant weights have in common.
#ifndef DISTILLD_PAIRS_H
#define DISTILLD_PAIRS_H
#include <stdint.h>
#include <string.h>

#include "CKernelsParallel.h"
#include "CKernelsProducts.h"

#define PANEL DISTILL_PANEL
// Results of a register block.
#define ROWS 6

/// The length of units of whole register blocks: about `most`, as few of them as there must be and equally long, so
/// that each thread's part ends in at most one that is shorter.
static inline int64_t block_unit(int64_t count, int64_t most) {
    const int64_t threads = distill_thread_count(), rounds = (count + threads * most - 1) / (threads * most);
    const int64_t even = (count + threads * rounds - 1) / (threads * rounds);
    return (even + ROWS - 1) / ROWS * ROWS;
}

#if defined(__x86_64__)
#include <immintrin.h>
#define PAIRS __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16")))
#define PAIRS_INLINE PAIRS static inline __attribute__((always_inline))

// Functions of rows and vectors, inlined with constants into each block, so that sums are registers.
typedef __m512 block_sums[ROWS][PANEL / 16];

PAIRS_INLINE void start_sums(block_sums sum, int rows, int vectors, const float *bias) {
    for (int v = 0; v < vectors; v++) {
        const __m512 start = bias ? _mm512_loadu_ps(bias + 16 * v) : _mm512_setzero_ps();
        for (int r = 0; r < rows; r++) sum[r][v] = start;
    }
}

/// sum[r] += left[r] right, over `words` pairs of a panel.
PAIRS_INLINE void add_pairs(block_sums sum, int rows, int vectors, const uint16_t *const left[ROWS],
                            const uint32_t *right, int64_t words) {
    for (int64_t k = 0; k < words; k++, right += PANEL) {
        __m512bh column[PANEL / 16];
        for (int v = 0; v < vectors; v++) column[v] = (__m512bh)_mm512_loadu_si512(right + 16 * v);
        for (int r = 0; r < rows; r++) {
            int pair;
            memcpy(&pair, left[r] + 2 * k, sizeof pair);
            const __m512bh a = (__m512bh)_mm512_set1_epi32(pair);
            for (int v = 0; v < vectors; v++) sum[r][v] = _mm512_dpbf16_ps(sum[r][v], a, column[v]);
        }
    }
}

/// Sixteen numbers of bfloat16.
PAIRS_INLINE __m512 widen(const uint16_t *from) {
    const __m512i bits = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)from));
    return _mm512_castsi512_ps(_mm512_slli_epi32(bits, 16));
}

/// Thirty-two numbers to bfloat16, none below a limit.
PAIRS_INLINE void store_limited(uint16_t *to, __m512 first, __m512 second, __m512 low) {
    _mm512_storeu_si512(
        to, (__m512i)_mm512_cvtne2ps_pbh(_mm512_max_ps(low, second), _mm512_max_ps(low, first)));
}

PAIRS_INLINE void store_sums(block_sums sum, int rows, int vectors, float limit, uint16_t *out, int64_t stride) {
    const __m512 low = _mm512_set1_ps(limit);
    for (int r = 0; r < rows; r++)
        for (int v = 0; v < vectors; v += 2)
            store_limited(out + r * stride + 16 * v, sum[r][v], sum[r][v + 1], low);
}

// A function `block_<rows>_<vectors>` for each size of a block, and a table of them: by whether a panel is whole (of 64
// outputs, else of 32), then by rows - 1.
#define EACH_BLOCK(BLOCK_OF)                                                                          \
    BLOCK_OF(1, 2) BLOCK_OF(2, 2) BLOCK_OF(3, 2) BLOCK_OF(4, 2) BLOCK_OF(5, 2) BLOCK_OF(6, 2)         \
    BLOCK_OF(1, 4) BLOCK_OF(2, 4) BLOCK_OF(3, 4) BLOCK_OF(4, 4) BLOCK_OF(5, 4) BLOCK_OF(6, 4)
#define BLOCK_TABLE                                                                                   \
    {                                                                                                 \
        {block_1_2, block_2_2, block_3_2, block_4_2, block_5_2, block_6_2},                           \
        {block_1_4, block_2_4, block_3_4, block_4_4, block_5_4, block_6_4},                           \
    }
#endif
#endif
