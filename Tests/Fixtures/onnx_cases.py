#!/usr/bin/env python3
"""Writes all official ONNX cases of the installed `onnx` package, for InterchangeTests.

    pip install onnx
    python onnx_cases.py FOLDER/onnx-cases/node
    DISTILL_TEST_DATA=FOLDER swift test --filter NodeCaseTests

Each case is FOLDER/onnx-cases/node/NAME/model.onnx with test_data_set_0/{input,output}_N.pb, as ONNX itself publishes them.
"""
import os, shutil, sys, warnings

warnings.filterwarnings("ignore")
import onnx
import onnx.backend.test
from onnx.backend.test.loader import load_model_tests
from onnx import helper, numpy_helper


def proto(value, info):
    kind = info.type.WhichOneof("value")
    if kind == "sequence_type":
        return numpy_helper.from_list(value, info.name)
    if kind == "optional_type":
        return numpy_helper.from_optional(value, info.name)
    if isinstance(value, onnx.TensorProto):
        tensor = onnx.TensorProto()
        tensor.CopyFrom(value)
        tensor.name = info.name
        return tensor
    return numpy_helper.from_array(value, info.name)


def write(case, folder):
    data = os.path.join(folder, "test_data_set_0")
    os.makedirs(data, exist_ok=True)
    onnx.save(case.model, os.path.join(folder, "model.onnx"))
    inputs, outputs = case.data_sets[0]
    graph = case.model.graph
    for side, values, infos in (("input", inputs, graph.input), ("output", outputs, graph.output)):
        for index, (value, info) in enumerate(zip(values, infos)):
            with open(f"{data}/{side}_{index}.pb", "wb") as file:
                file.write(proto(value, info).SerializeToString())


root = sys.argv[1]
skipped = []
for case in load_model_tests(kind="node"):
    try:
        write(case, os.path.join(root, case.name))
    except Exception as error:
        skipped.append(f"{case.name}: {error!r}")
        shutil.rmtree(os.path.join(root, case.name), ignore_errors=True)
published = os.path.join(os.path.dirname(onnx.backend.test.__file__), "data")
for kind in ("simple", "pytorch-operator", "pytorch-converted"):
    for name in sorted(os.listdir(os.path.join(published, kind))):
        source = os.path.join(published, kind, name)
        if os.path.exists(os.path.join(source, "model.onnx")):
            shutil.copytree(source, os.path.join(root, name), dirs_exist_ok=True)
print(f"{len(os.listdir(root))} cases, {len(skipped)} could not be written")
print("\n".join(skipped))
