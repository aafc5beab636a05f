using System.Runtime.InteropServices;
using Haq.Engine.Data;
using Haq.Engine.Manifest;
using Haq.Engine.Numerics;
using Haq.Engine.Runtime;

namespace Haq.Engine.Tests.Manifest;

/// <summary>Bare values in files whose names say little: their layout follows from their length, their labels' and what the model takes.</summary>
public sealed class SuggestedDataTests : IDisposable
{
    private const int Samples = 60;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("features.bin", ElementKind.Int8)]
    [InlineData("mfcc_int8_60x12.bin", ElementKind.Int8)]
    [InlineData("features.raw", ElementKind.Uint8)]
    [InlineData("features.dat", ElementKind.Float32)]
    public void Samples_are_described_by_the_models_input(string name, ElementKind kind)
    {
        Write(name, kind);
        File.WriteAllBytes(Path.Combine(_folder.Path, "labels.bin"), Labels(sizeof(byte)));
        var found = SuggestedData.In(_folder.Path, [1, 4, 3]);
        Assert.Equal((name, "labels.bin"), (found.Evaluation, found.EvaluationLabels));
        Assert.Equal(kind, found.Raw!.Kind);
        Assert.Equal([1, 4, 3], found.Raw.Shape);
    }

    [Theory]
    [InlineData(sizeof(byte))]
    [InlineData(sizeof(short))]
    [InlineData(sizeof(int))]
    [InlineData(sizeof(long))]
    public void Labels_are_as_wide_as_their_number_says(int bytes)
    {
        Write("features.bin", ElementKind.Uint8);
        File.WriteAllBytes(Path.Combine(_folder.Path, "labels.bin"), Labels(bytes));
        string manifest = Path.Combine(_folder.Path, "haq.yaml");
        var facts = new TemplateFacts("m.onnx", "bismo-edge", [("x", [-1, 1, 4, 3])], [], SuggestedData.In(_folder.Path, [1, 4, 3]));
        Assert.Equal(ElementKind.Uint8, facts.Data.Raw!.Kind);
        var data = ManifestReader.Parse(manifest, ManifestTemplate.Write(facts)).Data.Evaluation!;
        using var set = Dataset.Open(data, [new TensorInfo("x", DataType.Float, [-1, 1, 4, 3])], []);
        Assert.Equal(Enumerable.Range(0, Samples).Select(i => i % 5), Enumerable.Range(0, set.Count).Select(set.LabelOf));
    }

    [Fact]
    public void A_file_of_another_length_and_one_beside_known_data_are_left_alone()
    {
        Write("features.bin", ElementKind.Uint8);
        Assert.Null(SuggestedData.In(_folder.Path, [1, 7, 13]).Evaluation);
        Assert.Null(SuggestedData.In(_folder.Path).Evaluation);
        File.WriteAllText(Path.Combine(_folder.Path, "eval.csv"), "1,2\n");
        Assert.Equal("eval.csv", SuggestedData.In(_folder.Path, [1, 4, 3]).Evaluation);
    }

    private static byte[] Labels(int bytes) => [.. Enumerable.Range(0, Samples).SelectMany(i => BitConverter.GetBytes((long)(i % 5)).Take(bytes))];

    // Slow waves: neighbours are near each other, as in sounds and images.
    private void Write(string name, ElementKind kind)
    {
        var random = new SeededRandom(3);
        double[] waves = [.. Enumerable.Range(0, 12 * Samples).Select(i => Math.Sin(i / 9.0) + 0.1 * random.NextDouble())];
        byte[] bytes = kind switch
        {
            ElementKind.Int8 => [.. waves.Select(w => (byte)(sbyte)(100 * w))],
            ElementKind.Uint8 => [.. waves.Select(w => (byte)(120 + 100 * w))],
            _ => MemoryMarshal.AsBytes<float>([.. waves.Select(w => (float)w)]).ToArray(),
        };
        File.WriteAllBytes(Path.Combine(_folder.Path, name), bytes);
    }
}
