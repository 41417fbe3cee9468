#include <stdlib.h>

#include "compatibility.h"

static distill_status plain_layout(distill_layout **result, const distill_convolution_shape *shape,
                                   int plain, dnnl_data_type_t element) {
    const int64_t inputs = shape->inputs / shape->groups, area = shape->kernel[0] * shape->kernel[1];
    const int64_t outputs = shape->outputs / shape->groups;
    const int64_t along_input = plain == DISTILL_ROW_MAJOR ? area : 1;
    const int64_t along_cell = plain == DISTILL_ROW_MAJOR ? 1 : inputs;
    dnnl_dims_t extents = {shape->groups, outputs, inputs, shape->kernel[0], shape->kernel[1]};
    dnnl_dims_t strides = {outputs * inputs * area, inputs * area, along_input,
                           shape->kernel[1] * along_cell, along_cell};
    const int grouped = shape->groups > 1;
    if (plain == DISTILL_CELLS_FIRST) {
        if (grouped) return dnnl_invalid_arguments;
        strides[1] = 1;
        strides[2] = outputs;
        strides[3] = shape->kernel[1] * inputs * outputs;
        strides[4] = inputs * outputs;
    }
    distill_layout *layout = calloc(1, sizeof *layout);
    if (layout == NULL) return dnnl_out_of_memory;
    // Without groups the weights have one axis less.
    const dnnl_status_t status =
        layout_with_strides(layout, grouped ? 5 : 4, grouped ? extents : extents + 1, element,
                            grouped ? strides : strides + 1);
    if (status != dnnl_success) {
        free(layout);
        return status;
    }
    *result = layout;
    return dnnl_success;
}

distill_status distill_layout_plain(distill_layout **result, const distill_convolution_shape *shape,
                                    int plain) {
    return plain_layout(result, shape, plain, dnnl_f32);
}

distill_status distill_layout_plain_bytes(distill_layout **result,
                                          const distill_convolution_shape *shape) {
    return plain_layout(result, shape, DISTILL_CHANNELS_LAST, dnnl_s8);
}

distill_layout *distill_layout_copy(const distill_layout *layout) {
    distill_layout *copy = calloc(1, sizeof *copy);
    if (copy != NULL && layout_clone(copy, layout) != dnnl_success) {
        free(copy);
        return NULL;
    }
    return copy;
}

void distill_layout_destroy(distill_layout *layout) {
    if (layout == NULL) return;
    layout_clear(layout);
    free(layout);
}
