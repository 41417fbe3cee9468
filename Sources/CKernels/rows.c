#include "CKernelsProducts.h"

#include "CKernelsParallel.h"
#include "clones.h"

typedef struct {
    int64_t rows, columns, inner;
    const float *left, *right;
    float *out;
} product;

// Rows and columns of a register block.
#define BLOCK 4

/// Each element is one chain of sums whatever block it lies in, so that a row's results do not depend on its place.
INLINE void multiply_block(const product *p, int64_t row, int rows, int64_t column, int columns) {
    const int64_t whole = p->inner / LANES * LANES;
    lanes sum[BLOCK][BLOCK];
    for (int r = 0; r < rows; r++)
        for (int c = 0; c < columns; c++) sum[r][c] = (lanes){0};
    for (int64_t k = 0; k < whole; k += LANES)
        for (int r = 0; r < rows; r++) {
            const lanes a = *(const lanes *)(p->left + (row + r) * p->inner + k);
            for (int c = 0; c < columns; c++)
                sum[r][c] += a * *(const lanes *)(p->right + (column + c) * p->inner + k);
        }
    for (int r = 0; r < rows; r++)
        for (int c = 0; c < columns; c++) {
            float total = 0;
            for (int lane = 0; lane < LANES; lane++) total += sum[r][c][lane];
            for (int64_t k = whole; k < p->inner; k++)
                total += p->left[(row + r) * p->inner + k] * p->right[(column + c) * p->inner + k];
            p->out[(row + r) * p->columns + column + c] = total;
        }
}

CLONES_PART(multiply_part) {
    (void)thread;
    const product *p = context;
    for (int64_t column = begin; column < end; column += BLOCK) {
        const int columns = end - column < BLOCK ? (int)(end - column) : BLOCK;
        int64_t row = 0;
        if (columns == BLOCK)
            for (; row + BLOCK <= p->rows; row += BLOCK) multiply_block(p, row, BLOCK, column, BLOCK);
        for (; row < p->rows; row++)
            for (int c = 0; c < columns; c++) multiply_block(p, row, 1, column + c, 1);
    }
}

void distill_multiply_rows(int64_t rows, int64_t columns, int64_t inner, const float *left, const float *right,
                           float *out) {
    product work = {rows, columns, inner, left, right, out};
    distill_parallel(columns, BLOCK, 65536 / (rows * inner) + 1, multiply_part, &work);
}
