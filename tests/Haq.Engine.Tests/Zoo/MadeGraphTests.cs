namespace Haq.Engine.Tests.Zoo;

/// <summary>
/// The graphs that eng/graphs/make_graphs.py makes, in the folder that HAQ_GRAPHS names: eng/try-graphs makes them and runs this. Nothing there may be refused but what its hint says.
/// </summary>
public sealed class MadeGraphTests(ITestOutputHelper output)
{
    private static string Folder => Environment.GetEnvironmentVariable("HAQ_GRAPHS") ?? "";

    public static TheoryData<string> Graphs =>
        Directory.Exists(Folder) ? [.. Directory.EnumerateFiles(Folder, "*.onnx").Select(f => Path.GetFileNameWithoutExtension(f)!).Order(StringComparer.Ordinal)] : [""];

    [Theory]
    [MemberData(nameof(Graphs))]
    public void A_made_graph_is_quantized_close_to_float_or_refused_as_expected(string name)
    {
        if (name.Length == 0) Assert.Skip("needs the graphs that eng/try-graphs makes");
        string path = Path.Combine(Folder, name + ".onnx");
        var hint = GraphHint.Of(path);
        foreach (bool junctions in new[] { false, true })
        {
            var outcome = ZooTrial.Run(path, hint.Shapes, junctions, hint.Ranges);
            output.WriteLine($"{name}: {outcome}");
            if (hint.Refused is { } code)
            {
                Assert.Contains(code, outcome.Refusal, StringComparison.Ordinal);
                Assert.DoesNotContain("\n", outcome.Refusal, StringComparison.Ordinal);
                continue;
            }
            Assert.Null(outcome.Refusal);
            Assert.True(outcome.Layers > 0);
            Assert.True(outcome.Cosine >= 0.99, $"cosine {outcome.Cosine} on {outcome.Worst}{(junctions ? " with integers between layers" : "")}");
        }
    }
}
