using System.Formats.Tar;
using System.IO.Compression;
using Haq.Engine.Diagnostics;
using Haq.Engine.Onnx;
using Haq.Engine.Onnx.Shapes;
using Haq.Engine.Runtime;
using Onnx;

namespace Haq.Engine.Tests.Runtime;

/// <summary>ONNX's own conformance cases for single operators (release 1.12): inputs and outputs computed by its reference.</summary>
public sealed class BackendNodeTests
{
    [Fact]
    public void Quantization_cases_run_and_give_the_reference_outputs()
    {
        int run = 0;
        foreach (var item in Cases(Shared.File("zoo/onnx112_backend_node_tests.tar.gz")))
        {
            if (!item.Name.Contains("quant", StringComparison.Ordinal) && !item.Name.Contains("qlinear", StringComparison.Ordinal)
                && !item.Name.Contains("integer", StringComparison.Ordinal))
            {
                continue;
            }

            if (item.Name.EndsWith("_expanded", StringComparison.Ordinal) && item.Inputs.Length == 0) continue;
            var model = OnnxModel.Parse(item.Model, item.Name);
            Compare(item, Run(item, model));
            run++;
        }
        Assert.InRange(run, 17, 40);
    }

    [Fact]
    public void Shape_rules_agree_with_the_reference_outputs()
    {
        var wrong = new List<string>();
        int agreed = 0, unknown = 0;
        foreach (var item in Cases(Shared.File("zoo/onnx112_backend_node_tests.tar.gz")))
        {
            if (Simple(item) is not { } model) continue;
            var table = ShapeInference.Infer(new GraphView(model));
            for (int i = 0; i < item.Outputs.Length; i++)
            {
                var expected = new TensorType(TensorData.TypeOf(item.Outputs[i]), [.. item.Outputs[i].Dims]);
                if (!table.TryGet(model.Graph.Output[i].Name, out var type)) unknown++;
                else if (type == expected || (type.Type == DataType.Bfloat16 && expected.Type == DataType.Uint16)) agreed++; // NumPy has no bfloat16: the cases keep its bits
                else wrong.Add($"{item.Name}: {expected} is {type} by rule");
            }
        }
        Assert.Empty(wrong);
        TestContext.Current.TestOutputHelper!.WriteLine($"{agreed} agree, {unknown} unknown");
        Assert.True(agreed > 800, $"only {agreed} outputs were compared");
        Assert.InRange(unknown, 0, 60);
    }

    [Fact]
    public void Raised_operators_give_the_reference_outputs()
    {
        var wrong = new List<string>();
        int compared = 0;
        foreach (var item in Cases(Shared.File("zoo/onnx112_backend_node_tests.tar.gz")))
        {
            // Operators whose form changed after the version that these cases are written in.
            string op = item.Name["test_".Length..];
            string[] changed = ["split", "reduce", "roialign", "gridsample", "dft", "resize", "pad", "softmax", "clip", "batchnorm", "dropout", "scatter"];
            if (!changed.Any(c => op.StartsWith(c, StringComparison.Ordinal)) || Simple(item) is null) continue;
            var model = OnnxModel.Parse(item.Model, item.Name);
            try
            {
                TensorProto[] before = Run(item, model);
                if (!Matches(item, before)) continue; // ONNX Runtime departs from the reference on its own
                if (!Matches(item, Run(item, OpsetUpgrade.Raise(model, 21)))) wrong.Add(item.Name);
                compared++;
            }
            catch (HaqException e) when (e.Diagnostic.Descriptor == DiagnosticCatalog.UnsupportedOpset)
            {
                wrong.Add(e.Message);
            }
            catch (HaqException e) when (e.Diagnostic.Descriptor == DiagnosticCatalog.RuntimeRefused || e.Diagnostic.Descriptor == DiagnosticCatalog.RuntimeFailed)
            {
                if (!RunsUnraised(item, model)) continue;
                wrong.Add($"{item.Name}: {e.Message}");
            }
        }
        Assert.Empty(wrong);
        Assert.True(compared > 100, $"only {compared} cases were compared");
    }

    private sealed record Case(string Name, byte[] Model, TensorProto[] Inputs, TensorProto[] Outputs);

    private static IEnumerable<Case> Cases(string path)
    {
        var files = new Dictionary<string, Dictionary<string, byte[]>>(StringComparer.Ordinal);
        using var tar = new TarReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        while (tar.GetNextEntry() is { } entry)
        {
            string[] parts = entry.Name.Split('/');
            int at = Array.FindIndex(parts, p => p.StartsWith("test_", StringComparison.Ordinal) && !p.StartsWith("test_data_set", StringComparison.Ordinal));
            if (at < 0 || entry.DataStream is null) continue;
            if (!files.TryGetValue(parts[at], out var folder)) files[parts[at]] = folder = new(StringComparer.Ordinal);
            using var content = new MemoryStream();
            entry.DataStream.CopyTo(content);
            folder[string.Join('/', parts[(at + 1)..])] = content.ToArray();
        }
        foreach (var (name, folder) in files.OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            if (!folder.TryGetValue("model.onnx", out byte[]? model)) continue;
            if (Tensors(folder, "input") is { } inputs && Tensors(folder, "output") is { } outputs) yield return new Case(name, model, inputs, outputs);
        }
    }

    private static TensorProto[]? Tensors(Dictionary<string, byte[]> folder, string kind)
    {
        var tensors = new List<TensorProto>();
        for (int i = 0; folder.TryGetValue($"test_data_set_0/{kind}_{i}.pb", out byte[]? bytes); i++)
        {
            try
            {
                tensors.Add(TensorProto.Parser.ParseFrom(bytes));
                if (TensorData.ByteLength(tensors[^1]) is null) return null;
            }
            catch (Exception e) when (e is Google.Protobuf.InvalidProtocolBufferException or HaqException)
            {
                return null; // a sequence or an optional, read as the tensor that it is not
            }
        }
        return [.. tensors];
    }

    /// <summary>The case with its integer inputs as constants, as a shape may depend on them; null where values are no tensors.</summary>
    private static OnnxModel? Simple(Case item)
    {
        OnnxModel model;
        try
        {
            model = OnnxModel.Parse(item.Model, item.Name);
        }
        catch (HaqException)
        {
            return null;
        }
        var graph = model.Graph;
        var view = new GraphView(model);
        if (view.Inputs.Length != item.Inputs.Length || graph.Output.Count != item.Outputs.Length) return null;
        if (graph.Input.Concat(graph.Output).Any(v => v.Type?.TensorType is null)) return null;
        for (int i = 0; i < item.Inputs.Length; i++)
        {
            var constant = item.Inputs[i].Clone();
            constant.Name = view.Inputs[i].Name;
            if (TensorData.Count(constant) <= 64) graph.Initializer.Add(constant);
        }
        graph.ValueInfo.Clear();
        return model;
    }

    private static TensorProto[] Run(Case item, OnnxModel model)
    {
        var view = new GraphView(model);
        var inputs = new Dictionary<string, OrtTensor>(StringComparer.Ordinal);
        try
        {
            for (int i = 0; i < item.Inputs.Length; i++) inputs[view.Inputs[i].Name] = OrtTensor.Of(item.Inputs[i]);
            using var session = new OrtSession(model);
            var results = session.Run(inputs);
            TensorProto[] outputs = [.. results.Select(r => r.ToProto(""))];
            foreach (var result in results) result.Dispose();
            return outputs;
        }
        finally
        {
            foreach (var tensor in inputs.Values) tensor.Dispose();
        }
    }

    private static bool RunsUnraised(Case item, OnnxModel model)
    {
        try
        {
            return Matches(item, Run(item, model));
        }
        catch (HaqException)
        {
            return false;
        }
    }

    private static void Compare(Case item, TensorProto[] actual) => Assert.True(Matches(item, actual), item.Name);

    // ONNX's own runner compares with a relative tolerance of 1e-3.
    private static bool Matches(Case item, TensorProto[] actual)
    {
        if (actual.Length != item.Outputs.Length) return false;
        for (int i = 0; i < actual.Length; i++)
        {
            if (TensorData.TypeOf(actual[i]) != TensorData.TypeOf(item.Outputs[i]) || !actual[i].Dims.SequenceEqual(item.Outputs[i].Dims)) return false;
            double[] x = TensorData.ToDoubles(item.Outputs[i]), y = TensorData.ToDoubles(actual[i]);
            for (int n = 0; n < x.Length; n++)
                if (!x[n].Equals(y[n]) && !(Math.Abs(x[n] - y[n]) <= 1e-5 + 1e-3 * Math.Abs(x[n]))) return false;
        }
        return true;
    }
}
