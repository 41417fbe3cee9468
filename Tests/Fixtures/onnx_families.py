#!/usr/bin/env python3
"""Writes models of the common image families as PyTorch's exporters write them, for InterchangeTests.

    pip install torch torchvision timm transformers onnx onnxscript onnxruntime
    python onnx_families.py FOLDER [--whole] [--exports torchscript-17,dynamo-18] [FAMILY...]
    DISTILL_ONNX_FAMILIES=FOLDER swift test --filter FamilyTests

Random weights, small inputs, an open batch, or, of exports called `fixed`, one written for a single sample; --whole:
the networks and inputs as they are published. Each export is FOLDER/FAMILY/EXPORTER-OPSET/model.onnx with inputs
x2.npy, x3.npy (batches of 2 and 3) and onnxruntime's outputs y2.npy, y3.npy; where the exporter itself refuses, there
is a file `refused` with its words.
"""
import argparse, logging, os, warnings

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)
import numpy as np
import torch
import torch.nn as nn
import torchvision.models as tv

torch.manual_seed(0)
torch.backends.mha.set_fastpath_enabled(False)
EXPORTS = [f"torchscript-{opset}" for opset in (7, 9, 11, 13, 17, 20)]
EXPORTS += [f"dynamo-{opset}" for opset in (18, 20, 23, 25)]
EXPORTS += ["torchscript-17-fixed", "dynamo-18-fixed"]


def vision(name, **options):
    return lambda: getattr(tv, name)(weights=None, num_classes=10, **options)


def from_timm(name, **options):
    def make():
        import timm

        return timm.create_model(name, pretrained=False, **options)

    return make


class Output(nn.Module):
    """One output of a transformers model."""

    def __init__(self, model, name):
        super().__init__()
        self.model, self.name = model, name

    def forward(self, x):
        return getattr(self.model(pixel_values=x), self.name)


def hugging(kind, model, output, **options):
    def make():
        import transformers

        small = dict(hidden_size=64, num_hidden_layers=2, num_attention_heads=4)
        if kind in ("Swin", "ConvNext"):
            small = {}
        elif kind != "Dinov2":
            small["intermediate_size"] = 128
        small |= options
        configuration = {"CLIP": "CLIPVisionConfig", "Siglip": "SiglipVisionConfig"}.get(kind, kind + "Config")
        return Output(getattr(transformers, model)(getattr(transformers, configuration)(**small)), output)

    return make


def vgg(normalized):
    """VGG with a quarter of the width or less; 224 pixels, because its head wants a 7x7 map."""
    from torchvision.models.vgg import VGG, make_layers

    widths = [8, "M", 16, "M", 16, 16, "M", 32, 32, "M", 32, 32, "M"]
    net = VGG(make_layers(widths, batch_norm=normalized), num_classes=10)
    net.classifier = nn.Sequential(nn.Linear(32 * 49, 64), nn.ReLU(True), nn.Dropout(), nn.Linear(64, 10))
    return net


def transformer():
    from torchvision.models.vision_transformer import VisionTransformer

    return VisionTransformer(
        image_size=64, patch_size=16, num_layers=2, num_heads=4, hidden_dim=64, mlp_dim=128, num_classes=10)


def swin(version):
    from torchvision.models import swin_transformer as module

    options = dict(
        patch_size=[4, 4], embed_dim=24, depths=[2, 2], num_heads=[2, 4], window_size=[4, 4], num_classes=10)
    if version == 2:
        options.update(block=module.SwinTransformerBlockV2, downsample_layer=module.PatchMergingV2)
    return module.SwinTransformer(**options)


# Family: (how to make it, side of the input).
FAMILIES = {
    "resnet18": (vision("resnet18"), 64),
    "resnet50": (vision("resnet50"), 64),
    "timm_resnet50d": (from_timm("resnet50d", num_classes=10), 64),
    "timm_seresnet18": (from_timm("seresnet18", num_classes=10), 64),
    "resnext50": (vision("resnext50_32x4d"), 64),
    "regnet_x_400mf": (vision("regnet_x_400mf"), 64),
    "regnet_y_400mf": (vision("regnet_y_400mf"), 64),
    "squeezenet1_0": (vision("squeezenet1_0"), 64),
    "squeezenet1_1": (vision("squeezenet1_1"), 64),
    "vgg": (lambda: vgg(False), 224),
    "vgg_bn": (lambda: vgg(True), 224),
    "densenet121": (vision("densenet121"), 64),
    "googlenet": (vision("googlenet", aux_logits=False, init_weights=False), 64),
    "inception_v3": (vision("inception_v3", aux_logits=False, transform_input=True, init_weights=False), 96),
    "mobilenet_v2": (vision("mobilenet_v2"), 64),
    "mobilenet_v3_small": (vision("mobilenet_v3_small"), 64),
    "mobilenet_v3_large": (vision("mobilenet_v3_large"), 64),
    "efficientnet_b0": (vision("efficientnet_b0"), 64),
    "timm_efficientnet_lite0": (from_timm("tf_efficientnet_lite0", num_classes=10), 64),
    "shufflenet_v2": (vision("shufflenet_v2_x0_5"), 64),
    "convnext_tiny": (vision("convnext_tiny"), 64),
    "timm_convnextv2_atto": (from_timm("convnextv2_atto", num_classes=10), 64),
    "hf_convnext": (
        hugging("ConvNext", "ConvNextForImageClassification", "logits", hidden_sizes=[16, 32, 48, 64],
                depths=[1, 1, 2, 1]), 64),
    "vit": (transformer, 64),
    "timm_vit_tiny": (from_timm("vit_tiny_patch16_224", img_size=64, depth=2, num_classes=10), 64),
    "hf_vit": (hugging("ViT", "ViTForImageClassification", "logits", image_size=64, patch_size=16), 64),
    "timm_deit_distilled": (
        from_timm("deit_tiny_distilled_patch16_224", img_size=64, depth=2, num_classes=10), 64),
    "hf_deit": (
        hugging("DeiT", "DeiTForImageClassificationWithTeacher", "logits", image_size=64, patch_size=16), 64),
    "timm_dinov2": (from_timm("vit_small_patch14_dinov2", img_size=56, depth=2, num_classes=10), 56),
    "hf_dinov2": (hugging("Dinov2", "Dinov2Model", "pooler_output", image_size=56, patch_size=14), 56),
    # Its table of positions is interpolated.
    "hf_dinov2_resized": (hugging("Dinov2", "Dinov2Model", "pooler_output", image_size=56, patch_size=14), 70),
    "swin": (lambda: swin(1), 64),
    "swin_v2": (lambda: swin(2), 64),
    "timm_swin_tiny": (
        from_timm("swin_tiny_patch4_window7_224", img_size=56, depths=(2, 2), num_heads=(3, 6), window_size=7,
                  num_classes=10), 56),
    "hf_swin": (
        hugging("Swin", "SwinForImageClassification", "logits", image_size=64, patch_size=4, embed_dim=24,
                depths=[2, 2], num_heads=[2, 4], window_size=4), 64),
    "hf_clip": (
        hugging("CLIP", "CLIPVisionModelWithProjection", "image_embeds", image_size=64, patch_size=16,
                projection_dim=32), 64),
    "timm_clip": (
        from_timm("vit_base_patch32_clip_224", img_size=64, depth=2, embed_dim=64, num_heads=4, num_classes=16),
        64),
    "hf_siglip": (hugging("Siglip", "SiglipVisionModel", "pooler_output", image_size=64, patch_size=16), 64),
}

def whole(name, **options):
    return lambda: getattr(tv, name)(weights=None, **options)


# As published, with all their width, depth and classes.
WHOLE = {name: (whole(name), 224) for name in (
    "resnet50", "resnext50_32x4d", "regnet_y_400mf", "squeezenet1_1", "vgg11_bn", "densenet121", "mobilenet_v2",
    "mobilenet_v3_large", "efficientnet_b0", "shufflenet_v2_x1_0", "convnext_tiny", "vit_b_16", "swin_t")}
WHOLE |= {
    "googlenet": (whole("googlenet", aux_logits=False, init_weights=False), 224),
    "inception_v3": (whole("inception_v3", aux_logits=False, transform_input=True, init_weights=False), 299),
    "deit_tiny": (from_timm("deit_tiny_patch16_224"), 224),
    "dinov2_small": (from_timm("vit_small_patch14_dinov2", img_size=518), 518),
    "dinov2_small_224": (from_timm("vit_small_patch14_dinov2", img_size=224), 224),
    # The table of positions is made for 518 pixels and interpolated in the graph.
    "hf_dinov2_small": (
        hugging("Dinov2", "Dinov2Model", "pooler_output", hidden_size=384, num_hidden_layers=12,
                num_attention_heads=6, image_size=518, patch_size=14), 224),
    "hf_swin_tiny": (hugging("Swin", "SwinForImageClassification", "logits", num_labels=1000), 224),
    "hf_clip_b_32": (
        hugging("CLIP", "CLIPVisionModelWithProjection", "image_embeds", hidden_size=768, intermediate_size=3072,
                num_hidden_layers=12, num_attention_heads=12, patch_size=32, image_size=224), 224),
    "hf_clip_b_32_tokens": (
        hugging("CLIP", "CLIPVisionModel", "last_hidden_state", hidden_size=768, intermediate_size=3072,
                num_hidden_layers=12, num_attention_heads=12, patch_size=32, image_size=224), 224),
}


def randomize(net):
    """Weights of a size at which nothing vanishes, so that every part of a network shows in its output."""
    with torch.no_grad():
        for name, tensor in net.state_dict().items():
            if not tensor.is_floating_point() or name.endswith("logit_scale"):
                continue
            if name.endswith("running_mean") or name.endswith("bias") and tensor.dim() == 1:
                tensor.normal_(0, 0.1)
            elif name.endswith("running_var"):
                tensor.uniform_(0.5, 1.5)
            elif tensor.dim() == 1:
                tensor.uniform_(0.6, 1.3)
            elif "embed" in name and "proj" not in name or name.endswith(("token", "bias_table")):
                tensor.normal_(0, 0.3)
            else:
                tensor.normal_(0, (1.5 / np.prod(tensor.shape[1:])) ** 0.5)


def use_plain_attention(net, plain):
    """Before operator set 14 the older exporter has no fused attention."""
    for module in net.modules():
        if hasattr(module, "fused_attn"):
            module.fused_attn = not plain
        if hasattr(getattr(module, "config", None), "_attn_implementation"):
            module.config._attn_implementation = "eager" if plain else "sdpa"


def export(net, x, exporter, opset, is_fixed, file):
    names = dict(input_names=["x"], output_names=["y"])
    if is_fixed:
        external = {} if exporter == "torchscript" else dict(external_data=False, verbose=False)
        torch.onnx.export(
            net, (x[:1],), file, opset_version=opset, dynamo=exporter == "dynamo", **names, **external)
    elif exporter == "torchscript":
        axes = {"x": {0: "N"}, "y": {0: "N"}}
        torch.onnx.export(net, (x,), file, opset_version=opset, dynamic_axes=axes, dynamo=False, **names)
    else:
        shapes = ({0: torch.export.Dim("N")},)
        torch.onnx.export(
            net, (x,), file, opset_version=opset, dynamic_shapes=shapes, dynamo=True, external_data=False,
            verbose=False, **names)


def check(net, inputs, is_fixed, folder):
    import onnxruntime

    onnxruntime.set_default_logger_severity(4)
    session = onnxruntime.InferenceSession(folder + "/model.onnx")
    error = 0.0
    for batch, x in inputs.items():
        parts = x.split(1) if is_fixed else [x]
        y = np.concatenate([session.run(None, {"x": part.numpy()})[0] for part in parts])
        with torch.no_grad():
            reference = net(x)
        reference = (reference if isinstance(reference, torch.Tensor) else reference[0]).numpy()
        error = max(error, float(np.abs(y - reference).max() / np.abs(reference).max()))
        np.save(f"{folder}/x{batch}.npy", x.numpy())
        np.save(f"{folder}/y{batch}.npy", y)
    return error


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--whole", action="store_true")
    parser.add_argument("--exports", type=lambda text: text.split(","), default=EXPORTS)
    parser.add_argument("families", nargs="*")
    options = parser.parse_args()
    table = WHOLE if options.whole else FAMILIES
    for family in options.families or table:
        make, side = table[family]
        net = make().eval()
        randomize(net)
        generator = torch.Generator().manual_seed(3)
        inputs = {batch: torch.randn(batch, 3, side, side, generator=generator) for batch in (2, 3)}
        for name in options.exports:
            exporter, opset = name.split("-")[0], int(name.split("-")[1])
            is_fixed = name.endswith("-fixed")
            folder = f"{options.folder}/{family}/{name}"
            if os.path.exists(folder):
                continue
            os.makedirs(folder)
            use_plain_attention(net, exporter == "torchscript" and opset < 14)
            try:
                with torch.no_grad():
                    export(net, inputs[2], exporter, opset, is_fixed, folder + "/model.onnx")
                text = "torch and onnxruntime differ by %.1e" % check(net, inputs, is_fixed, folder)
            except Exception as error:
                text = "refused: " + repr(error)[:300].replace("\n", " ")
                with open(folder + "/refused", "w") as file:
                    file.write(text)
            print(family, name, text, flush=True)


main()
