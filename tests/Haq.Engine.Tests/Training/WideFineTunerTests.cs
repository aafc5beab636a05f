using Haq.Engine.Evaluation;
using Haq.Engine.Layers;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Calibration;
using Haq.Engine.Quantization.Export;
using Haq.Engine.Quantization.Preparation;
using Haq.Engine.Tests.Evaluation;
using Haq.Engine.Tests.Quantization.Export;
using Haq.Engine.Tests.Quantization.Tensors;
using Haq.Engine.Training;

namespace Haq.Engine.Tests.Training;

/// <summary>Training at 16 bits, at mixed widths, with layers and tensors in floating point, and with tensors between layers quantized: what is exported is what was trained.</summary>
public sealed class WideFineTunerTests
{
    private static readonly FineTuneOptions s_short = new() { Epochs = 2, Batch = 16, LearningRate = 2e-3 };

    /// <summary>Networks, and what each tensor and layer gets: a width, or a cycle through several.</summary>
    public static TheoryData<string, int[]> Cases => new()
    {
        { "attention", [16] }, { "attention", [8] }, { "attention", [8, 16, 32] }, { "attention, least mask", [8, 16, 32] }, { "residual", [16] },
            { "residual", [8, 16, 32] }, { "layers", [4, 16, 32, 8] },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void What_is_exported_is_bit_for_bit_what_was_trained(string network, int[] widths)
    {
        var (quantizer, data) = Network(network);
        using (data)
        {
            using var set = new EvaluationSet(quantizer.Model.Float, data, new EvaluationOptions { Batch = 16 });
            var start = quantizer.Quantize(Widths(quantizer.Model, widths));
            double rank = 0;
            var result = FineTuner.Run(start, data, s_short, (_, _) => new ValidationScore(++rank));
            Assert.Empty(result.Warnings);
            var tuned = result.Model;
            Assert.Equal(start.Junctions.Length, tuned.Junctions.Length);
            // Steps between layers were learned, and what that layers read through its very grid still is.
            Assert.Equal(!start.Junctions.IsEmpty, start.Junctions.Zip(tuned.Junctions).Any(p => p.First.Quantizer.Scale != p.Second.Quantizer.Scale));
            Assert.Equal(start.Junctions.Select(start.SharesWithLayer), tuned.Junctions.Select(tuned.SharesWithLayer));
            var samples = new MeasuredEvaluator(quantizer, set).Samples(tuned, CancellationToken.None);
            using var session = new Haq.Engine.Runtime.OrtSession(QdqExporter.Export(tuned), ExactSessions.Settings);
            Assert.Equal(samples, set.Run(session, CancellationToken.None));
            Assert.NotEqual(samples, new MeasuredEvaluator(quantizer, set).Samples(start, CancellationToken.None));
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Training_sees_the_quantizers_that_the_file_has(string network, int[] widths)
    {
        var (quantizer, data) = Network(network);
        using (data)
        {
            using var set = new EvaluationSet(quantizer.Model.Float, data, new EvaluationOptions { Batch = 16 });
            var start = quantizer.Quantize(Widths(quantizer.Model, widths));
            // At a rate of nothing the mean loss over the training set is the squared error of the exported file.
            var result = FineTuner.Run(start, data, s_short with { Epochs = 1, LearningRate = 1e-12, Loss = LossKind.Mse }, (_, _) => new ValidationScore(0));
            using var session = new Haq.Engine.Runtime.OrtSession(QdqExporter.Export(start), ExactSessions.Settings);
            var exported = set.Run(session, CancellationToken.None);
            var output = quantizer.Model.Shapes[quantizer.Model.Float.MainOutput];
            double measured = exported.Average(s => s.Noise) / (output.Count / Math.Max(1, quantizer.Model.Shapes.Batch));
            // The same to five digits, whatever the kernels, threads and seed; the quantizers of one tensor more or less would be a tenth at least. But for the errors of float sums
            // where 16 bits leave as little: an error of 2.9e-10 on the residual network, of which the engine's kernels make 1.7e-11 more and standard operators 2e-12 less.
            Assert.Equal(measured, result.Epochs[0].Loss, 1e-3 * measured + 2.5e-11);
        }
    }

    [Fact]
    public void A_layer_in_floating_point_learns_what_makes_up_for_the_layers_before_it()
    {
        var (quantizer, data) = Network("attention");
        using (data)
        {
            using var set = new EvaluationSet(quantizer.Model.Float, data);
            var evaluator = new MeasuredEvaluator(quantizer, set);
            var layers = quantizer.Model.Layers;
            var start = quantizer.Quantize(new Policy([.. quantizer.Model.Items.Select(i =>
                i.Shape.IsTensor || layers[i.Index].Name is "up.MatMul" or "down.MatMul" ? LayerBits.Float : new LayerBits(2, 8))]));
            var result = FineTuner.Run(start, data, s_short with { Epochs = 8, LearningRate = 1e-2 }, (m, c) => new ValidationScore(-evaluator.Evaluate(m, c).Loss));
            Assert.Contains("up.weight", result.Model.Constants.Keys);
            Assert.True(result.Best.Value > 0.8 * result.Start.Value, $"{result.Start.Value} -> {result.Best.Value}");
            var exported = QdqExporter.Export(result.Model);
            Assert.Equal(result.Model.Constants["up.weight"], TensorData.ToFloats(exported.Graph.Initializer.Single(t => t.Name == "up.weight")));
            Assert.Equal(-result.Best.Value, set.Score(exported, ExactSessions.Settings).Loss);
        }
    }

    private static Policy Widths(QuantizableModel model, int[] widths)
    {
        // Members of a group agree: a layer has the width of the tensor that it reads. Weights of 16 bits and real ones are among them.
        var order = model.Items.Select(i => i.ActivationGroup).Distinct().ToList();
        Bitwidth Of(int at) => new(widths[at % widths.Length]);
        return new Policy([.. model.Items.Select(i =>
        {
            var activations = Of(order.IndexOf(i.ActivationGroup));
            return i.Shape.IsTensor ? new LayerBits(Bitwidth.Eight, activations) : activations.IsFloat ? LayerBits.Float
                : new LayerBits(Of(i.Index) is { IsFloat: false } own ? own : Bitwidth.Eight, activations);
        })]);
    }

    private static (PostTrainingQuantizer Quantizer, ArrayDataset Data) Network(string name)
    {
        var (model, data) = name switch
        {
            "residual" => (SmallNetworks.Residual(), new ArrayDataset("x", [3, 8, 8], AttentionNetwork.Samples(96, 7)[..(64 * 192)])),
            "layers" => (TinyNetwork.Model(), TinyNetwork.Images(64)),
            "attention, least mask" => (AttentionNetwork.Model(float.MinValue), new ArrayDataset("x", [AttentionNetwork.Rows, AttentionNetwork.Width], AttentionNetwork.Samples(64, 5))),
            _ => (AttentionNetwork.Model(), new ArrayDataset("x", [AttentionNetwork.Rows, AttentionNetwork.Width], AttentionNetwork.Samples(64, 5))),
        };
        var prepared = QuantizableModel.Prepare(model, new PreparationOptions { Between = name != "layers" ? BetweenLayers.Tensors : BetweenLayers.Float });
        return (new PostTrainingQuantizer(prepared, new Calibrator(prepared).Run(data)), data);
    }
}
