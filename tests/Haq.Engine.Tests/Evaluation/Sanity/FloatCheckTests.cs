using System.Globalization;
using Haq.Engine.Data;
using Haq.Engine.Diagnostics;
using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Sanity;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Yaml;

namespace Haq.Engine.Tests.Evaluation.Sanity;

/// <summary>A model that tells dark, grey and bright apart by one value of 0..255, and data that is read wrongly.</summary>
public sealed class FloatCheckTests : IDisposable
{
    private static readonly float[] s_centres = [40, 128, 215];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Data_that_is_read_as_the_model_wants_it_passes() => Assert.Null(Check(Data(shift: 0)));

    [Fact]
    public void A_wrong_scale_is_found_and_the_right_one_named()
    {
        var found = Check(Data(shift: 0) with { Preprocess = new PreprocessOptions { Scale = 255 } });
        Assert.Equal(DiagnosticCatalog.FloatAtChance, found!.Descriptor);
        Assert.Contains("calls every sample class 0", found.Message, StringComparison.Ordinal);
        Assert.Contains("'preprocess: {scale: 1}' gives 100.0 %", found.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_that_start_at_one_are_found()
    {
        var found = Check(Data(shift: 1));
        Assert.Contains("'labels: {offset: -1}' gives 100.0 %", found!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_column_of_labels_is_found()
    {
        var options = Data(shift: 0, noise: true);
        Assert.Null(Check(options with { Labels = new LabelOptions(Column: "class") }));
        var found = Check(options with { Labels = new LabelOptions(Column: "room") });
        Assert.Contains("'labels: {column: class}' gives 100.0 %", found!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Too_few_samples_say_nothing() => Assert.Null(Check(Data(shift: 1, count: 20)));

    [Fact]
    public void Labels_by_chance_are_told_with_what_was_tried()
    {
        var random = new SeededRandom(9);
        var found = Check(Data(shift: 0, label: _ => random.Next(3)));
        Assert.Contains("Nothing that was tried helps", found!.Message, StringComparison.Ordinal);
    }

    private Diagnostic? Check(DatasetOptions options)
    {
        int inputs = options.Labels is null ? 1 : 2;
        var model = Model(inputs);
        using var data = Dataset.Open(options, [new("x", DataType.Float, [-1, inputs])], []);
        using var set = new EvaluationSet(model, data);
        return new FloatCheck(model, options, [], "y").Find(set, data, CancellationToken.None);
    }

    // The nearest centre: 2·c·x − c². A second value is not looked at.
    private static OnnxModel Model(int inputs) => TinyModel.Of(
        13, ("x", [-1, inputs]),
        [TensorData.Of("w", [inputs, 3], [.. s_centres.Select(c => 2 * c), .. new float[3 * (inputs - 1)]]), TensorData.Of("b", [3], [.. s_centres.Select(c => -c * c)])],
        Haq.Engine.Onnx.OnnxNode.Of(OpNames.Gemm, ["x", "w", "b"], ["y"], "classes"));

    private DatasetOptions Data(int shift, int count = 120, bool noise = false, Func<int, int>? label = null)
    {
        var random = new SeededRandom(1);
        string path = Path.Combine(_folder.Path, $"data{shift}{count}{noise}{label is null}.csv");
        using (var file = new StreamWriter(path))
        {
            file.WriteLine(noise ? "value,class,room" : "value,label");
            for (int i = 0; i < count; i++)
            {
                int kind = i % 3;
                double value = s_centres[kind] + 20 * (random.NextDouble() - 0.5);
                string text = string.Create(CultureInfo.InvariantCulture, $"{value:F2},{(label?.Invoke(i) ?? kind) + shift}");
                file.WriteLine(noise ? string.Create(CultureInfo.InvariantCulture, $"{text},{random.Next(3)}") : text);
            }
        }
        return new DatasetOptions([new DataFile(null, FileReference.Resolve(path, new SourceLocation("haq.yaml", 3, 5)))]);
    }
}
