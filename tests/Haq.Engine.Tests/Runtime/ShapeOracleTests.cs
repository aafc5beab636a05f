using Haq.Engine.Diagnostics;
using Haq.Engine.Onnx;
using Haq.Engine.Onnx.Shapes;
using Haq.Engine.Runtime;
using Haq.Engine.Tests.Onnx;

namespace Haq.Engine.Tests.Runtime;

/// <summary>Shapes by rule against the shapes that ONNX Runtime makes.</summary>
public sealed class ShapeOracleTests
{
    public static TheoryData<string> Files => [.. RealModels.Models, .. RealModels.QuickZoo];

    [Theory, MemberData(nameof(Files))]
    public void Rules_agree_with_what_onnx_runtime_computes(string file)
    {
        var model = OnnxModel.Load(Shared.File(file));
        var view = new GraphView(model);
        var table = ShapeInference.Infer(view, RealModels.ShapesFor(file));
        Assert.All(table.Unknown, u => Assert.False(string.IsNullOrWhiteSpace(u.Value)));
        TestContext.Current.TestOutputHelper?.WriteLine($"{table.Types.Count} known, {table.Unknown.Count} unknown: {string.Join("; ", table.Unknown.Take(4).Select(u => u.Value))}");
        IReadOnlyDictionary<string, TensorType> seen;
        try
        {
            seen = ShapeProbe.Observe(view, table, [.. view.Order.SelectMany(n => n.Output).Where(table.Types.ContainsKey)]);
        }
        catch (HaqException e)
        {
            TestContext.Current.TestOutputHelper?.WriteLine(e.Message);
            return;
        }
        foreach (var (name, type) in seen) Assert.True(type == table[name], $"{name}: by rule {table[name]}, in ONNX Runtime {type}");
        TestContext.Current.TestOutputHelper?.WriteLine($"{seen.Count} compared");
    }
}
