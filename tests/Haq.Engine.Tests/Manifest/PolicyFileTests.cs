using System.Text;
using Haq.Engine.Diagnostics;
using Haq.Engine.Layers;
using Haq.Engine.Manifest;

namespace Haq.Engine.Tests.Manifest;

public sealed class PolicyFileTests
{
    private static readonly QuantizableLayer[] s_layers =
    [
        new(0, "conv_1", LayerShape.Conv2D(3, 8, 3, 1, 8, 8), 0),
        new(1, "weird \"name\"/é\t#1: {}", LayerShape.Dense(8, 10), 1),
    ];

    private static readonly Policy s_policy = new([new(8, 8), new(4, 6)]);

    [Fact]
    public void What_was_written_is_read()
    {
        byte[] bytes = PolicyFile.Of(s_policy, s_layers, new string('a', 64), "bismo-edge").ToBytes();
        var read = PolicyFile.Parse("p.json", Encoding.UTF8.GetString(bytes));
        Assert.Equal(("bismo-edge", new string('a', 64)), (read.Hardware, read.ModelDigest));
        Assert.Equal(s_policy, read.For(s_layers, "p.json"));
        Assert.Equal(bytes, PolicyFile.Of(s_policy, s_layers, new string('a', 64), "bismo-edge").ToBytes());
    }

    [Fact]
    public void The_documented_form_is_read_whatever_its_layout()
    {
        string text = """
            {"version": 1,
            	"model": "abc", "hardware": "bismo-edge",
            	"layers": [{"name": "conv_1", "weights": 8, "activations": 8},
            		{"name": "weird \"name\"\/\u00e9\t#1: {}", "weights": 4, "activations": 6}]}
            """;
        Assert.Equal(s_policy, PolicyFile.Parse("p.json", text).For(s_layers, "p.json"));
    }

    [Theory]
    [InlineData("""{"version": 2, "model": "x", "hardware": "y", "layers": []}""", "p.json(1,13): error HAQ0004", "1..1")]
    [InlineData("""{"version": 1, "model": "x", "layers": []}""", "error HAQ0003", "hardware")]
    [InlineData("""{"version": 1, "model": "x", "hardware": "y", "layers": [{"name": "conv_1", "weight": 8, "activations": 8}]}""", "HAQ0002", "did you mean 'weights'")]
    [InlineData("""{"version": 1, "model": "x", "hardware": "y", "layers": [{"name": "conv_1", "weights": 0, "activations": 8}]}""", "HAQ0004", "1..8, 16 or float")]
    [InlineData("""{"version": 1, "model": "x", "hardware": "y", "layers": [{"name": """, "HAQ0001", "parsing a node")]
    [InlineData("""{"version": 1, "model": "x", "hardware": "y", "layers": [{"name": "conv_2", "weights": 8, "activations": 8}]}""", "p.json(1,58): error HAQ0209", "Did you mean 'conv_1'?")]
    [InlineData("""{"version": 1, "model": "x", "hardware": "y", "layers": [{"name": "conv_1", "weights": 8, "activations": 8}]}""", "p.json: error HAQ0209", "1 of the model's 2 layers")]
    [InlineData(
        """{"version": 1, "model": "x", "hardware": "y", "layers": [{"name": "conv_1", "weights": 8, "activations": 8}, {"name": "conv_1", "weights": 8, "activations": 8}]}""",
        "HAQ0209", "twice")]
    public void Anything_else_is_refused_with_its_place(string text, string code, string reason)
    {
        var error = Assert.Throws<HaqException>(() => PolicyFile.Parse("p.json", text).For(s_layers, "p.json")).Diagnostic.ToString();
        Assert.Contains(code, error, StringComparison.Ordinal);
        Assert.Contains(reason, error, StringComparison.OrdinalIgnoreCase);
    }
}
