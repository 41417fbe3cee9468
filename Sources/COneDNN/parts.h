#ifndef DISTILLD_PARTS_H
#define DISTILLD_PARTS_H
#include "engine.h"

/// What convolutions consist of, whatever their numbers: operands, description, primitive.
typedef struct {
    bound_primitive bound;
    distill_layout image, weights, bias, result, scratch;
    size_t scratch_size;
    const char *implementation;
    dnnl_primitive_desc_t description;
} convolution_parts;

/// The elements of a convolution's operands.
typedef struct {
    dnnl_data_type_t image, weights, result;
} convolution_elements;

/// Lays the operands out: images channels-last, weights as given or, where they are NULL, as the primitive likes.
dnnl_status_t parts_describe_operands(convolution_parts *parts, const distill_convolution_shape *shape,
                                      convolution_elements elements, const distill_layout *weights);
/// Weights in whatever layout a primitive likes.
dnnl_status_t any_weights(distill_layout *layout, const distill_convolution_shape *shape,
                          dnnl_data_type_t element);
/// Makes the primitive of the description and takes over what it says of weights and scratch.
dnnl_status_t parts_complete(convolution_parts *parts, dnnl_query_t weights);
void parts_clear(convolution_parts *parts);
#endif
