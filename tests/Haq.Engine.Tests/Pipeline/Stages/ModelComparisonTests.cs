using Haq.Engine.Layers;
using Haq.Engine.Pipeline.Outputs;
using Haq.Engine.Pipeline.Stages.Reports;
using Haq.Engine.Quantization.Export;
using Haq.Engine.Tests.Evaluation;

namespace Haq.Engine.Tests.Pipeline.Stages;

public sealed class ModelComparisonTests
{
    [Fact]
    public void Models_that_run_one_after_the_other_differ_as_those_side_by_side_do()
    {
        var quantizer = MeasuredEvaluatorTests.Sample();
        using var images = MeasuredEvaluatorTests.Images(12);
        var exported = QdqExporter.Export(quantizer.Quantize(Policy.Uniform(quantizer.Model.Layers.Length, new LayerBits(4, 8))));
        var (beside, _) = new ModelComparison(quantizer.Model.Float, exported, exported.MainOutput, images, apart: false, elsewhere: false).Run(TimeSpan.Zero, CancellationToken.None);
        var (after, times) = new ModelComparison(quantizer.Model.Float, exported, exported.MainOutput, images, apart: true, elsewhere: false).Run(TimeSpan.Zero, CancellationToken.None);
        Assert.Equal(beside, after);
        var settings = PlainSession.For(quantizer.Model.Float);
        var recorded = (OutputRecord.Of(quantizer.Model.Float, settings, images, 7, CancellationToken.None), OutputRecord.Of(exported, settings, images, 7, CancellationToken.None));
        var (known, _) = new ModelComparison(quantizer.Model.Float, exported, exported.MainOutput, images, apart: false, elsewhere: false, recorded).Run(TimeSpan.Zero, CancellationToken.None);
        Assert.Equal(beside, known);
        Assert.Equal(12, after.Samples);
        Assert.InRange(after.SqnrDb!.Value, 5, 40);
        Assert.InRange(times.QuantizedMsPerImage, 1e-6, 1e6);
    }
}
