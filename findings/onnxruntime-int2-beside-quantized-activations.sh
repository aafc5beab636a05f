#!/usr/bin/env bash
# ONNX Runtime 1.31.1 runs INT2 weights (ONNX operator set 25) beside real activations, and refuses the same layer where the activations are quantized.
#
# Guess: INT2 weights behind a DequantizeLinear are treated as INT4 ones are: no integer kernel takes them, so they are dequantized and the layer runs in float.
# Seen:  the rule that makes a QLinearConv of a Conv between pairs leaves 4- and 16-bit weights out but not 2-bit ones. A model that is valid ONNX, and that runs with optimizations off,
#        cannot be opened with default settings:
#          INT4 weights, quantized activations, default session: runs
#          INT2 weights, real activations, default session: runs
#          INT2 weights, quantized activations, optimizations off: runs
#          INT2 weights, quantized activations, default session: refused: ... Type 'tensor(int2)' of input parameter (w) of operator (QLinearConv) in node (layer) is invalid.
# Ends with 0 while that is so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > finding.csproj <<'P'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings></PropertyGroup>
  <ItemGroup>
    <PackageReference Include="Microsoft.ML.OnnxRuntime" Version="1.31.1" />
    <PackageReference Include="OnnxSharp" Version="0.3.2" />
    <PackageReference Include="Google.Protobuf" Version="3.36.2" />
  </ItemGroup>
</Project>
P
cat > Program.cs <<'P'
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Onnx;
using static Onnx.AttributeProto.Types;

const int Float = 1, Uint8 = 2, Int4 = 22, Int2 = 26;
Console.WriteLine($"ONNX Runtime {OrtEnv.Instance().GetVersionString()}");
bool[] ran =
[
    Run("INT4 weights, quantized activations, default session", Int4, true, GraphOptimizationLevel.ORT_ENABLE_ALL),
    Run("INT2 weights, real activations, default session", Int2, false, GraphOptimizationLevel.ORT_ENABLE_ALL),
    Run("INT2 weights, quantized activations, optimizations off", Int2, true, GraphOptimizationLevel.ORT_DISABLE_ALL),
    Run("INT2 weights, quantized activations, default session", Int2, true, GraphOptimizationLevel.ORT_ENABLE_ALL),
];
return ran is [true, true, true, false] ? 0 : 1;

static bool Run(string what, int type, bool quantized, GraphOptimizationLevel level)
{
    try
    {
        using var options = new SessionOptions { GraphOptimizationLevel = level, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        using var session = new InferenceSession(Model(type, quantized).ToByteArray(), options);
        using var x = OrtValue.CreateTensorValueFromMemory(new float[64], [1, 4, 4, 4]);
        using var run = new RunOptions();
        using var y = session.Run(run, ["x"], [x], ["y"]);
        Console.WriteLine($"{what}: runs");
        return true;
    }
    catch (OnnxRuntimeException e)
    {
        Console.WriteLine($"{what}: refused: {e.Message.ReplaceLineEndings(" ")}");
        return false;
    }
}

static ModelProto Model(int type, bool quantized)
{
    var graph = new GraphProto { Name = "g", Input = { Value("x") }, Output = { Value("y") } };
    graph.Initializer.Add(new TensorProto { Name = "w", DataType = type, Dims = { 4, 4, 1, 1 }, RawData = ByteString.CopyFrom(new byte[type == Int2 ? 4 : 8]) });
    graph.Initializer.Add(new TensorProto { Name = "s", DataType = Float, FloatData = { 0.1f } });
    graph.Initializer.Add(new TensorProto { Name = "z", DataType = Uint8, Int32Data = { 128 } });
    graph.Node.Add(Node("DequantizeLinear", "wd", "w", "s"));
    if (quantized) graph.Node.Add([Node("QuantizeLinear", "xq", "x", "s", "z"), Node("DequantizeLinear", "xd", "xq", "s", "z")]);
    var layer = Node("Conv", quantized ? "c" : "y", quantized ? "xd" : "x", "wd");
    layer.Name = "layer";
    graph.Node.Add(layer);
    if (quantized) graph.Node.Add([Node("QuantizeLinear", "cq", "c", "s", "z"), Node("DequantizeLinear", "y", "cq", "s", "z")]);
    return new ModelProto { IrVersion = 13, Graph = graph, OpsetImport = { new OperatorSetIdProto { Version = 25 } } };
}

static NodeProto Node(string op, string output, params string[] inputs) => new() { OpType = op, Output = { output }, Input = { inputs } };

static ValueInfoProto Value(string name)
{
    var shape = new TensorShapeProto();
    foreach (int d in (int[])[1, 4, 4, 4]) shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = d });
    return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = Float, Shape = shape } } };
}
P
dotnet run -v q
