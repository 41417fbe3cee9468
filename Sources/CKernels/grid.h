// Walking an index space row by row.
#ifndef DISTILLD_GRID_H
#define DISTILLD_GRID_H
#include "CKernelsElementwise.h"
#include "CKernelsParallel.h"

/// `count` elements along the innermost axis, beginning at `offsets` of each operand.
typedef void (*grid_row)(void *context, const distill_grid *grid, const int64_t *offsets,
                         int64_t count);

/// Calls `row` for all rows, in parallel over rows, or over parts of the row where there is only one.
void grid_for_rows(const distill_grid *grid, int64_t cost, grid_row row, void *context);

/// Product of the first `axes` extents.
int64_t grid_count(const distill_grid *grid, int axes);

/// Offsets of an operand for a linear index into the first `axes` axes.
int64_t grid_offset(const distill_grid *grid, int axes, int operand, int64_t index);
#endif
