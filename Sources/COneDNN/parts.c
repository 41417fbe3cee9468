#include "parts.h"

dnnl_status_t any_weights(distill_layout *layout, const distill_convolution_shape *s,
                          dnnl_data_type_t element) {
    const dnnl_dims_t kernel = {s->groups, s->outputs / s->groups, s->inputs / s->groups,
                                s->kernel[0], s->kernel[1]};
    const int grouped = s->groups > 1;
    return layout_with_tag(layout, grouped ? 5 : 4, grouped ? kernel : kernel + 1, element,
                           dnnl_format_tag_any);
}

dnnl_status_t parts_describe_operands(convolution_parts *parts, const distill_convolution_shape *s,
                                      convolution_elements elements, const distill_layout *weights) {
    const dnnl_dims_t image = {s->batch, s->inputs, s->height, s->width};
    const dnnl_dims_t result = {s->batch, s->outputs, s->out_height, s->out_width};
    const dnnl_dims_t channels = {s->outputs};
    dnnl_status_t status;
    TRY(layout_with_tag(&parts->image, 4, image, elements.image, dnnl_nhwc));
    TRY(layout_with_tag(&parts->result, 4, result, elements.result, dnnl_nhwc));
    TRY(layout_with_tag(&parts->bias, 1, channels, dnnl_f32, dnnl_a));
    if (weights != NULL) {
        TRY(layout_clone(&parts->weights, weights));
    } else {
        TRY(any_weights(&parts->weights, s, elements.weights));
    }
failed:
    return status;
}

dnnl_status_t parts_complete(convolution_parts *parts, dnnl_query_t weights) {
    dnnl_status_t status;
    layout_clear(&parts->weights);
    TRY(layout_of_query(&parts->weights, parts->description, weights));
    TRY(layout_of_query(&parts->scratch, parts->description, dnnl_query_scratchpad_md));
    parts->scratch_size = distill_layout_size(&parts->scratch);
    TRY(dnnl_primitive_desc_query(parts->description, dnnl_query_impl_info_str, 0,
                                  &parts->implementation));
    TRY(dnnl_primitive_create(&parts->bound.primitive, parts->description));
failed:
    return status;
}

void parts_clear(convolution_parts *parts) {
    bound_clear(&parts->bound);
    if (parts->description) dnnl_primitive_desc_destroy(parts->description);
    layout_clear(&parts->image);
    layout_clear(&parts->weights);
    layout_clear(&parts->bias);
    layout_clear(&parts->result);
    layout_clear(&parts->scratch);
}
