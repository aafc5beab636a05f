#!/usr/bin/env bash
# OnnxSharp 0.3.2, GraphExtensions.Clean, "removes unnecessary reshapes of initializers", on valid models in ONNX Runtime 1.31.1.
# Guess: the model computes the same with fewer nodes. Seen:
#   - where value_info does not list the Reshape's output (it is optional), Clean throws: Could not find field with value 'rr'
#   - where it does, the initializer takes the new shape in place, also for every other node that reads it: x + w of [2] and [2] becomes an outer sum [2,2], without an error.
# So Haq.Build keeps its own constant folding. Exits non-zero when this changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat >clean.csproj <<'EOF'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings></PropertyGroup>
  <ItemGroup>
    <PackageReference Include="OnnxSharp" Version="0.3.2" />
    <PackageReference Include="Google.Protobuf" Version="3.36.2" />
    <PackageReference Include="Microsoft.ML.OnnxRuntime" Version="1.31.1" />
  </ItemGroup>
</Project>
EOF
cat >Program.cs <<'EOF'
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Onnx;

foreach (bool listed in (bool[])[false, true])
{
    var graph = new GraphProto { Name = "shared", Input = { Value("x", 2) }, Output = { Value("y", 2), Value("r", 2, 1) } };
    graph.Initializer.Add(new TensorProto { Name = "w", DataType = 1, Dims = { 2 }, FloatData = { 10, 20 } });
    graph.Initializer.Add(new TensorProto { Name = "shape", DataType = 7, Dims = { 2 }, Int64Data = { 2, 1 } });
    graph.Node.Add(new NodeProto { OpType = "Add", Input = { "x", "w" }, Output = { "y" } });
    graph.Node.Add(new NodeProto { OpType = "Reshape", Input = { "w", "shape" }, Output = { "rr" } });
    graph.Node.Add(new NodeProto { OpType = "Identity", Input = { "rr" }, Output = { "r" } });
    if (listed) graph.ValueInfo.Add(Value("rr", 2, 1));
    string before = Run(graph), after;
    try
    {
        graph.Clean();
        after = Run(graph);
    }
    catch (ArgumentException e)
    {
        after = e.Message;
    }
    Console.WriteLine($"value_info {(listed ? "lists" : "lacks")} the output: y {before} -> {after}");
}

static ValueInfoProto Value(string name, params long[] shape)
{
    var declared = new TensorShapeProto();
    foreach (long extent in shape) declared.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = extent });
    return new() { Name = name, Type = new TypeProto { TensorType = new() { ElemType = 1, Shape = declared } } };
}

static string Run(GraphProto graph)
{
    var model = new ModelProto { IrVersion = 8, Graph = graph, OpsetImport = { new OperatorSetIdProto { Version = 17 } } };
    using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
    using var session = new InferenceSession(model.ToByteArray(), options);
    using var results = session.Run([NamedOnnxValue.CreateFromTensor("x", new DenseTensor<float>(new float[] { 1, 2 }, [2]))], ["y"]);
    var y = (DenseTensor<float>)results[0].Value;
    return $"[{string.Join(",", y.Dimensions.ToArray())}] {string.Join(" ", y.Buffer.ToArray())}";
}
EOF
expected="value_info lacks the output: y [2] 11 22 -> Could not find field with value 'rr'
value_info lists the output: y [2] 11 22 -> [2,2] 11 12 21 22"
got=$(dotnet run -v q 2>&1 | grep '^value_info')
echo "OnnxSharp 0.3.2:"
echo "$got"
[ "$got" = "$expected" ] || { echo "changed; expected:"; echo "$expected"; exit 1; }
