#ifndef DISTILLD_CKERNELS_PRODUCTS_H
#define DISTILLD_CKERNELS_PRODUCTS_H
#include <stdint.h>

// Sums of products of bfloat16 matrices in float32, for convolutions with small results. The processor
// multiplies pairs: two neighbours along the inner axis lie in one 32-bit word, the first in its lower half.
// Right operands lie in panels of 64 columns, each with its steps one after another.

#define DISTILL_PANEL 64
/// Rows that are multiplied together.
#define DISTILL_TILE 4

/// One product to add: where its operands begin, in words, and how many pairs its inner axis has.
typedef struct {
    int64_t left, right, steps;
} distill_product;

/// A block of the result, the sum of products [first, first + count), and where it begins, in elements.
typedef struct {
    int64_t first, count, result;
} distill_product_sum;

/// Matrices of `rows` x `columns`. Strides of the operands in words: from one tile of rows to the next, between
/// rows of a tile, between steps; from one panel of columns to the next. The result's in elements.
typedef struct {
    int64_t rows, columns;
    int64_t left_tile, left_row, left_step, right_panel, result_row;
    const distill_product *products;
    const distill_product_sum *sums;
    int64_t sum_count;
    /// Added to each column; may be null.
    const float *bias;
    /// Nothing in the result is below it; minus infinity for no limit.
    float low;
} distill_products;

/// result = left * right for every sum. The result is bfloat16 where `half` is set, else float32.
///
/// `columns` is a multiple of 16.
void distill_multiply_pairs(const distill_products *work, const void *left, const void *right, int half,
                            void *result);

/// Right operands from float32 [blocks, rows, columns], the inner axis being the rows, whose number is even:
/// [blocks, panels, rows / 2, 64] words.
void distill_pack_weights(int64_t blocks, int64_t rows, int64_t columns, const float *in, uint32_t *out);
/// Right operands from bfloat16 [rows, blocks, columns], likewise.
void distill_pack_images(int64_t rows, int64_t blocks, int64_t columns, const uint16_t *in, uint32_t *out);
/// Left operands from bfloat16 [rows, blocks, columns], the inner axis being the rows:
/// [blocks, columns / 4, rows / 2, 4] words.
void distill_tile_images(int64_t rows, int64_t blocks, int64_t columns, const uint16_t *in, uint32_t *out);
/// Right operands from words [rows, blocks, columns], the inner axis being the columns:
/// [blocks, panels of rows, columns, 64] words.
void distill_transpose_images(int64_t rows, int64_t blocks, int64_t columns, const uint32_t *in,
                              uint32_t *out);
/// out[row, column] = sum over the inner axis of left[row] right[column], in float32. What a row gives depends on that
/// row alone, bit for bit, which a BLAS does not promise.
void distill_multiply_rows(int64_t rows, int64_t columns, int64_t inner, const float *left, const float *right,
                           float *out);
/// bfloat16 [columns, rows] to [rows, columns].
void distill_transpose_result(int64_t rows, int64_t columns, const uint16_t *in, uint16_t *out);
#endif
