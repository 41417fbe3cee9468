#include "grid.h"

#include <string.h>

distill_grid distill_grid_make(int rank, const int64_t *extents, int operands,
                               const int64_t *strides) {
    distill_grid grid;
    memset(&grid, 0, sizeof grid);
    grid.operands = operands;
    int last = -1;
    for (int axis = 0; axis < rank; axis++) {
        if (extents[axis] == 1) continue;
        int merges = last >= 0;
        for (int k = 0; k < operands && merges; k++)
            merges = grid.strides[k][last] == strides[k * rank + axis] * extents[axis];
        if (!merges) {
            last++;
            grid.extents[last] = 1;
        }
        grid.extents[last] *= extents[axis];
        for (int k = 0; k < operands; k++) grid.strides[k][last] = strides[k * rank + axis];
    }
    if (last < 0) {
        last = 0;
        grid.extents[0] = 1;
    }
    grid.rank = last + 1;
    return grid;
}

int64_t grid_count(const distill_grid *grid, int axes) {
    int64_t count = 1;
    for (int axis = 0; axis < axes; axis++) count *= grid->extents[axis];
    return count;
}

int64_t grid_offset(const distill_grid *grid, int axes, int operand, int64_t index) {
    int64_t offset = 0;
    for (int axis = axes - 1; axis >= 0; axis--) {
        offset += index % grid->extents[axis] * grid->strides[operand][axis];
        index /= grid->extents[axis];
    }
    return offset;
}

typedef struct {
    const distill_grid *grid;
    grid_row row;
    void *context;
} walk;

static void walk_rows(void *data, int64_t begin, int64_t end, int thread) {
    (void)thread;
    const walk *work = data;
    const distill_grid *grid = work->grid;
    const int outer = grid->rank - 1;
    int64_t place[DISTILL_MAXIMUM_RANK], offsets[DISTILL_MAXIMUM_OPERANDS];
    int64_t rest = begin;
    for (int axis = outer - 1; axis >= 0; axis--) {
        place[axis] = rest % grid->extents[axis];
        rest /= grid->extents[axis];
    }
    for (int k = 0; k < grid->operands; k++) offsets[k] = grid_offset(grid, outer, k, begin);
    for (int64_t index = begin; index < end; index++) {
        work->row(work->context, grid, offsets, grid->extents[outer]);
        for (int axis = outer - 1; axis >= 0; axis--) {
            for (int k = 0; k < grid->operands; k++) offsets[k] += grid->strides[k][axis];
            if (++place[axis] < grid->extents[axis]) break;
            for (int k = 0; k < grid->operands; k++)
                offsets[k] -= grid->strides[k][axis] * grid->extents[axis];
            place[axis] = 0;
        }
    }
}

static void walk_part(void *data, int64_t begin, int64_t end, int thread) {
    (void)thread;
    const walk *work = data;
    int64_t offsets[DISTILL_MAXIMUM_OPERANDS];
    for (int k = 0; k < work->grid->operands; k++) offsets[k] = begin * work->grid->strides[k][0];
    work->row(work->context, work->grid, offsets, end - begin);
}

void grid_for_rows(const distill_grid *grid, int64_t cost, grid_row row, void *context) {
    walk work = {grid, row, context};
    const int64_t grain = 16384 / cost;
    if (grid_count(grid, grid->rank) == 0) return;
    if (grid->rank == 1) {
        distill_parallel(grid->extents[0], 16, grain, walk_part, &work);
    } else {
        const int64_t length = grid->extents[grid->rank - 1];
        distill_parallel(grid_count(grid, grid->rank - 1), 1, grain / length + 1, walk_rows, &work);
    }
}
