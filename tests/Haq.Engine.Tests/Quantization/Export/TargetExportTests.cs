using Haq.Engine.Data;
using Haq.Engine.Dialects;
using Haq.Engine.Dialects.Conformance;
using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Compiled;
using Haq.Engine.Layers;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Calibration;
using Haq.Engine.Quantization.Export;
using Haq.Engine.Quantization.Preparation;
using Haq.Engine.Quantization.Weights;
using Haq.Engine.Runtime;
using Haq.Engine.Tests.Dialects;
using Haq.Engine.Tests.Networks;
using Haq.Engine.Tests.Zoo;

namespace Haq.Engine.Tests.Quantization.Export;

/// <summary>Networks written for every target: in the target's forms, and with the very numbers that were evaluated.</summary>
public sealed class TargetExportTests
{
    // What a network is, no exporter changes: operators that a target lacks, products of activations, windows that are too large.
    internal static readonly string[] NetworksOwn = ["operators", "constant-inputs", "limits"];

    private static readonly string[] s_networks = ["residual", "products", "cnn 1", "cnn 2", "cnn 3", "square 1", "sequence 1"];

    public static TheoryData<string, string, string> Exports
    {
        get
        {
            var cases = new TheoryData<string, string, string>();
            foreach (string target in DialectCatalog.BuiltInNames)
                foreach (string network in s_networks) cases.Add(target, network, "w8a8");
            foreach (string network in (string[])["residual", "products"]) cases.Add("qnn", network, "w8a16");
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Exports))]
    public void An_export_is_in_the_dialect_and_computes_what_was_evaluated_bit_for_bit(string target, string network, string widths)
    {
        var profile = DialectCatalog.Load(target, ".");
        var quantizer = Quantizer(Network(network), profile, out var make);
        var policy = Policy.Uniform(quantizer.Model.Layers.Length, LayerBits.TryParse(widths, out var bits) ? bits : default);
        var quantized = quantizer.Quantize(policy);
        var exported = OnnxModel.Parse(QdqExporter.Export(quantized).ToBytes(), "exported.onnx");

        if (target != DialectProfile.Default)
        {
            var broken = ConformanceCheck.Run(exported, profile).Verdicts.SelectMany(v =>
                v.Breaches.Where(b => b.Rule.Effect != RuleEffect.Note && !NetworksOwn.Contains(b.Rule.Kind)).Select(b => $"{v.Name} ({v.Operator}): {b.What}"));
            Assert.Empty(broken);
        }
        Assert.DoesNotContain(VendorCheck.Violations(target, exported), v => !VendorCheckTests.NetworksOwn.Contains(v.Rule));
        using var data = make(3);
        using var set = new EvaluationSet(quantizer.Model.Float, data, new EvaluationOptions { Batch = 4 });
        using var plain = new PolicyNetworks(quantizer.Model.Float, set.Outputs, new PrefixStore(0, 3)).Plain(quantized);
        using var session = new OrtSession(exported, ExactSessions.For(exported));
        Assert.Equal(set.Run(plain.Run, CancellationToken.None), set.Run(session, CancellationToken.None));
        using var compiled = set.Open(quantized, reuse: true);
        Assert.Equal(set.Run(session, CancellationToken.None), set.Run(compiled.Run, CancellationToken.None));
        using var stock = new OrtSession(exported, SessionSettings.Default);
        Assert.Equal(data.Count, set.Run(stock, CancellationToken.None).Length);
        if (!VendorCheck.IsThere) Assert.Skip("all but the second reading of the documents, which needs python3, has passed");
    }

    private static OnnxModel Network(string name) => name switch
    {
        "residual" => SmallNetworks.Residual(),
        "products" => SmallNetworks.Products(),
        _ => RandomNetworks.Make(name.Split(' ')[0], int.Parse(name.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture)),
    };

    internal static PostTrainingQuantizer Quantizer(OnnxModel model, DialectProfile profile, out Func<ulong, IDataset> data)
    {
        var form = DialectForm.Of(profile);
        var ready = QuantizableModel.Prepare(model, new PreparationOptions { Form = form, Tables = form is null });
        data = seed => Samples(ready, seed);
        using var seen = data(1);
        var table = new Calibrator(ready).Run(seen).InForm(form?.Grid ?? default);
        return new PostTrainingQuantizer(ready, table, Weights(form));
    }

    /// <summary>The same of a network with any inputs, calibrated on noise.</summary>
    internal static PostTrainingQuantizer OnNoise(OnnxModel model, DialectProfile profile)
    {
        var form = DialectForm.Of(profile);
        var ready = QuantizableModel.Prepare(model, new PreparationOptions { Form = form, Tables = form is null });
        using var seen = new RandomDataset(ready.View, ready.Shapes, 4);
        return new PostTrainingQuantizer(ready, new Calibrator(ready).Run(seen).InForm(form?.Grid ?? default), Weights(form));
    }

    private static WeightOptions Weights(DialectForm? form) =>
        new() { PerChannel = form is not { PerTensorWeights: true }, PowerOfTwo = form is { PowerOfTwoWeights: true }, LimitPairs = form is null, Tables = form is null };

    private static ArrayDataset Samples(QuantizableModel model, ulong seed)
    {
        var input = model.View.Inputs.Single();
        long[] shape = model.InputShapes[input.Name];
        var random = new SeededRandom(seed);
        float[] values = new float[12 * shape[1..].Aggregate(1L, (a, b) => a * b)];
        for (int i = 0; i < values.Length; i++) values[i] = (float)random.NextNormal();
        bool isFixed = model.Form is { FixesShapes: true } || input.Type.TensorType.Shape.Dim[0].ValueCase == global::Onnx.TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue;
        return new ArrayDataset(input.Name, shape[1..], values, fixedBatch: isFixed ? (int)shape[0] : null);
    }
}
