using Haq.Engine.Diagnostics;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;

namespace Haq.Engine.Tests.Hardware;

public sealed class HardwareFileTests
{
    private const string Serial = """
        name: mine
        kind: bit-serial
        clock_mhz: 200
        rows: 8
        cols: 8
        dot_width: 256
        buffer_entries: 1024
        fetch_bits: 32
        depthwise_group: 1
        provenance: test
        """;

    public static TheoryData<string> BuiltIn => [.. HardwareCatalog.BuiltInNames];

    [Theory]
    [MemberData(nameof(BuiltIn))]
    public void Built_in_targets_say_what_they_are(string name)
    {
        var target = HardwareCatalog.Load(name, ".");
        Assert.Equal(name, target.Name);
        Assert.NotEmpty(target.Provenance);
        Assert.NotEmpty(target.Model.Assumptions);
        Assert.Equal(64, target.Digest.Length);
        Assert.All(target.Parameters, p => Assert.NotEmpty(p.Purpose));
    }

    [Fact]
    public void The_issue_s_targets_are_built_in() => Assert.Equal(
        ["bismo-cloud", "bismo-edge", "bitfusion", "bitfusion-compat", "npu-like", "onnxruntime", "tpu-like"], HardwareCatalog.BuiltInNames);

    [Theory]
    [InlineData("clock_mhz: 200", "clock_mhz: 0", "mine.yaml(3,12): error HAQ0004")]
    [InlineData("clock_mhz: 200", "clock_mhz: -5", "mine.yaml(3,12): error HAQ0004")]
    [InlineData("clock_mhz: 200", "clock_mhz: NaN", "mine.yaml(3,12): error HAQ0004")]
    [InlineData("rows: 8", "rows: 0", "mine.yaml(4,7): error HAQ0004")]
    [InlineData("rows: 8", "rows: -8", "mine.yaml(4,7): error HAQ0004")]
    [InlineData("rows: 8", "rows: 99999999999999999999", "mine.yaml(4,7): error HAQ0004")]
    [InlineData("rows: 8", "rows: 8.5", "mine.yaml(4,7): error HAQ0004")]
    [InlineData("rows: 8", "rows: [8]", "mine.yaml(4,7): error HAQ0004")]
    [InlineData("rows: 8", "row: 8", "mine.yaml(4,1): error HAQ0002: unknown key 'row'. Did you mean 'rows'?")]
    [InlineData("rows: 8\n", "", "mine.yaml(1,1): error HAQ0003")]
    [InlineData("kind: bit-serial", "kind: bitserial", "mine.yaml(2,7): error HAQ0004: 'kind' is 'bitserial': expected one of")]
    [InlineData("rows: 8", "rows: 8\nrows: 8", "mine.yaml(5,1): error HAQ0005")]
    [InlineData("provenance: test", "bits: {weights: [], activations: [8]}\nprovenance: test", "mine.yaml(10,17): error HAQ0004")]
    [InlineData("provenance: test", "bits: {weights: [0], activations: [8]}\nprovenance: test", "mine.yaml(10,18): error HAQ0004")]
    [InlineData("provenance: test", "bits: {pairs: [w4a9x]}\nprovenance: test", "mine.yaml(10,16): error HAQ0004")]
    [InlineData("provenance: test", "bits: {pairs: [w4a8], weights: [4]}\nprovenance: test", "mine.yaml(10,7): error HAQ0004")]
    [InlineData("provenance: test", "batch: 100000000\nprovenance: test", "mine.yaml(10,8): error HAQ0004")]
    [InlineData("provenance: test", "energy: {mac_pj: 1}\nprovenance: test", "mine.yaml(10,9): error HAQ0003")]
    [InlineData("provenance: test", "", "error HAQ0003")]
    [InlineData("kind: bit-serial", "kind: [", "error HAQ0001")]
    public void Nonsense_is_refused_where_it_stands(string what, string by, string error)
    {
        string text = Serial.Replace(what, by, StringComparison.Ordinal);
        Assert.NotEqual(Serial, text);
        string message = Assert.Throws<HaqException>(() => HardwareReader.Read("mine.yaml", text, null)).Diagnostic.ToString();
        Assert.StartsWith(error.StartsWith("mine", StringComparison.Ordinal) ? error : "mine.yaml(", message, StringComparison.Ordinal);
        Assert.Contains(error, message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_name_is_answered_with_what_was_meant()
    {
        var at = new SourceLocation("haq.yaml", 3, 11);
        string message = Assert.Throws<HaqException>(() => HardwareCatalog.Load("bismo-egde", ".", at)).Diagnostic.ToString();
        Assert.StartsWith("haq.yaml(3,11): error HAQ0201", message, StringComparison.Ordinal);
        Assert.Contains("Did you mean 'bismo-edge'?", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_users_file_works_like_a_built_in_one()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, "board.yaml"), Serial);
            var own = HardwareCatalog.Load("board.yaml", folder);
            var layers = Networks.MobileNetV1();
            var eight = Policy.Uniform(layers.Length, new LayerBits(8, 8));
            Assert.Equal(Networks.Price("bismo-edge", layers).Price(eight), CostTable.Build(own, layers, 0).Price(eight));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_cost_that_does_not_fit_is_an_error_not_a_small_number()
    {
        var huge = Networks.Of([LayerShape.Conv2D(1 << 16, 1 << 16, 7, 1, 1 << 11, 1 << 11)]);
        string message = Assert.Throws<HaqException>(() => Networks.Price("bismo-edge", huge, batch: 65_536)).Diagnostic.ToString();
        Assert.Contains("HAQ0206", message, StringComparison.Ordinal);
        Assert.Contains("layer0", message, StringComparison.Ordinal);
    }
}
