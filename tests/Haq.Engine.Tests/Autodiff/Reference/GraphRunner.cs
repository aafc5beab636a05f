using Google.Protobuf;
using Haq.Engine.Autodiff;
using Haq.Engine.Graphs;
using Haq.Engine.Runtime;
using Microsoft.ML.OnnxRuntime;
using static Onnx.TensorProto.Types;

namespace Haq.Engine.Tests.Autodiff.Reference;

/// <summary>Runs a graph once on ONNX Runtime.</summary>
internal static class GraphRunner
{
    public static Dictionary<string, NdArray> Run(GraphBuilder graph, IReadOnlyDictionary<string, NdArray> feeds)
    {
        using var options = new SessionOptions { IntraOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        CustomOperators.Register(options);
        using var session = new InferenceSession(graph.ToModel().ToByteArray(), options);
        using var run = new RunOptions();
        var inputs = graph.Inputs.Select(i => Make(i, feeds[i.Name])).ToArray();
        string[] names = [.. graph.Outputs.Select(o => o.Name)];
        using var outputs = session.Run(run, [.. graph.Inputs.Select(i => i.Name)], inputs, names);
        var results = new Dictionary<string, NdArray>();
        for (int i = 0; i < names.Length; i++)
        {
            int[] shape = [.. outputs[i].GetTensorTypeAndShape().Shape.Select(d => (int)d)];
            results.Add(names[i], new NdArray(shape, [.. outputs[i].GetTensorDataAsSpan<float>().ToArray().Select(v => (double)v)]));
        }
        foreach (var input in inputs) input.Dispose();
        return results;
    }

    private static OrtValue Make(Value value, NdArray array)
    {
        long[] shape = [.. array.Shape.Select(d => (long)d)];
        return value.Type switch
        {
            DataType.Bool => OrtValue.CreateTensorValueFromMemory(array.Data.Select(v => v != 0).ToArray(), shape),
            DataType.Int64 => OrtValue.CreateTensorValueFromMemory(array.Data.Select(v => (long)v).ToArray(), shape),
            _ => OrtValue.CreateTensorValueFromMemory(array.Data.Select(v => (float)v).ToArray(), shape),
        };
    }
}
