using Haq.Engine.Onnx;
using Haq.Engine.Onnx.Simplification;
using Haq.Engine.Tests.Runtime;
using Onnx;

namespace Haq.Engine.Tests.Onnx.Simplification;

/// <summary>GELU in the spellings of exporters against the operator that it becomes.</summary>
public sealed class GeluFoldingTests
{
    private const float Root = 0.7978845608f;

    private static readonly TensorProto[] s_constants =
    [
        TensorData.Scalar("half", 0.5f), TensorData.Scalar("one", 1f), TensorData.Scalar("two", 2f), TensorData.Scalar("three", 3f),
        TensorData.Of("sqrt2", [1], [MathF.Sqrt(2)]),
        TensorData.Scalar("rsqrt2", MathF.Sqrt(0.5f)), TensorData.Scalar("root", Root), TensorData.Scalar("small", 0.044715f), TensorData.Scalar("other", 0.05f),
    ];

    // Each line: operator, inputs, output.
    private const string ErfOfQuotient = "Div x sqrt2 u;Erf u e;Add e one s;", ErfOfProduct = "Mul rsqrt2 x u;Erf u e;Add one e s;";
    private const string Cube = "Pow x three p;Mul p small q;Add x q r;Mul r root u;Tanh u e;Add e one s;";
    private const string Square = "Mul x x p;Mul small p q;Add one q r;Mul x root v;Mul v r u;Tanh u e;Add one e s;";

    [Theory]
    [InlineData(ErfOfQuotient + "Mul x s m;Mul m half y")]
    [InlineData(ErfOfQuotient + "Mul x half h;Mul h s y")]
    [InlineData(ErfOfProduct + "Mul s half m;Mul x m y")]
    [InlineData(Cube + "Mul x s m;Mul half m y")]
    [InlineData(Cube + "Mul half x h;Mul s h y")]
    [InlineData(Square + "Mul x half h;Mul h s y")]
    public void Spelled_out_it_becomes_one_operator_and_computes_the_same(string text)
    {
        var model = Network(text);
        float[] x = TwoSessions.Normal(8, 96, 3), before = TwoSessions.Plain(model, x);
        Assert.Equal(["e"], GeluFolding.Apply(model));
        var gelu = Assert.Single(model.Graph.Node);
        Assert.Equal((OpNames.Gelu, text.Contains("Tanh", StringComparison.Ordinal) ? "tanh" : "none"), (gelu.OpType, gelu.Text("approximate", "none")));
        // Roundings of fewer operators; values are up to 10.
        Assert.All(before.Zip(TwoSessions.Plain(model, x)), p => Assert.Equal(p.First, p.Second, 3e-6f));
    }

    [Theory]
    [InlineData("Div x two u;Erf u e;Add e one s;Mul x s m;Mul m half y")]
    [InlineData(ErfOfQuotient + "Mul x s m;Mul m two y")]
    [InlineData("Div x sqrt2 u;Erf u e;Add e two s;Mul x s m;Mul m half y")]
    [InlineData("Pow x three p;Mul p other q;Add x q r;Mul r root u;Tanh u e;Add e one s;Mul x s m;Mul half m y")]
    [InlineData("Pow x two p;Mul p small q;Add x q r;Mul r root u;Tanh u e;Add e one s;Mul x s m;Mul half m y")]
    public void Other_formulas_stay(string text)
    {
        var model = Network(text);
        byte[] bytes = model.ToBytes();
        Assert.Empty(GeluFolding.Apply(model));
        Assert.Equal(bytes, model.ToBytes());
    }

    [Fact]
    public void What_others_read_and_older_operator_sets_stay()
    {
        var read = Network(Cube + "Mul x s m;Mul half m y");
        read.Graph.Output.Add(TinyModel.Value("p", 4, 24));
        Assert.Empty(GeluFolding.Apply(read));
        Assert.Empty(GeluFolding.Apply(Network(ErfOfQuotient + "Mul x s m;Mul m half y", opset: 17)));
    }

    private static OnnxModel Network(string text, int opset = 21) => TinyModel.Of(opset, ("x", [4, 24]), s_constants, [.. text.Split(';').Select(line =>
    {
        string[] words = line.Split(' ');
        return OnnxNode.Of(words[0], words[1..^1], [words[^1]], words[^1]);
    })]);
}
