using Haq.Engine.Evaluation;
using Haq.Engine.Layers;
using Haq.Engine.Onnx;
using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Pipeline.Subjects;
using Haq.Engine.Tests.Training;

namespace Haq.Engine.Tests.Pipeline.Subjects;

/// <summary>What is sent to a worker gives, once unpacked, the bits of the pipeline that it came from.</summary>
public sealed class SubjectPackingTests
{
    private static readonly LayerBits[] s_widths = [new(8, 8), new(4, 8), new(2, 4)];

    public static TheoryData<string, string> Settings => new()
    {
        { "", "" },
        { "quantization.smooth", "true" },
        { "quantization.ranges", "percentile" },
        { "quantization.bias-correction", "false" },
        { "quantization.equalize", "true" },
        { "metric", "{output: logits}" },
        { "layers", "{dense: skip}" },
        { "search.samples", "7" },
        { "target", "tensorrt" },
    };

    [Theory]
    [MemberData(nameof(Settings))]
    public void ScoresAreThoseOfThePipeline(string key, string value)
    {
        using var project = new TinyProject();
        var keys = key.Length == 0 ? TinyProject.Base : TinyProject.With(TinyProject.Base, new KeyValuePair<string, string>(key, value));
        if (key == "target") keys = TinyProject.With(keys, new KeyValuePair<string, string>("layers", ""), new KeyValuePair<string, string>("bits.weights", "[8]"));
        using var workspace = project.Open(keys);
        using var parcel = SubjectPacking.Pack(workspace.Stages.SearchSubject, CancellationToken.None);
        using var folder = new TemporaryFolder();
        using var unpacked = UnpackedParcel.Open(parcel, folder);

        Assert.Equal(workspace.SearchSet.FloatSamples, unpacked.Set.FloatSamples);
        var (here, there) = (new MeasuredEvaluator(workspace.Quantizer, workspace.SearchSet), new MeasuredEvaluator(unpacked.Quantizer, unpacked.Set));
        foreach (var bits in s_widths)
        {
            var policy = Policy.Uniform(workspace.Model.Items.Length, bits);
            Assert.Equal(here.Samples(workspace.Quantizer.Quantize(policy), CancellationToken.None), there.Samples(unpacked.Quantizer.Quantize(policy), CancellationToken.None));
        }
    }

    [Fact]
    public void TheSampleNetworkGivesItsBitsToo()
    {
        string model = Shared.File("sample/fashion-mobilenet.onnx"), images = Shared.File("sample/evaluation-images-idx3-ubyte.gz"), labels = Shared.File("sample/evaluation-labels-idx1-ubyte.gz");
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["haq.yaml"], $$"""
            model: {{model}}
            hardware: bismo-edge
            budget: {latency: 0.6x}
            data: {evaluation: {path: {{images}}, labels: {{labels}}, preprocess: {scale: 255} }, calibration: {path: {{images}}, samples: 32, preprocess: {scale: 255} } }
            search: {samples: 48}
            """);
        using var workspace = Workspace.Open(new PipelineOptions(folder["haq.yaml"], new StageCache(folder["cache"])), null, CancellationToken.None);
        using var parcel = SubjectPacking.Pack(workspace.Stages.SearchSubject, CancellationToken.None);
        using var parts = new TemporaryFolder();
        using var unpacked = UnpackedParcel.Open(parcel, parts, threads: 2);
        var policy = Policy.Uniform(workspace.Model.Items.Length, new LayerBits(4, 6));
        Assert.Equal(
            new MeasuredEvaluator(workspace.Quantizer, workspace.SearchSet).Samples(workspace.Quantizer.Quantize(policy), CancellationToken.None),
            new MeasuredEvaluator(unpacked.Quantizer, unpacked.Set).Samples(unpacked.Quantizer.Quantize(policy), CancellationToken.None));
    }

    [Fact]
    public void ExternalDataComesAlong()
    {
        using var project = new TinyProject();
        TinyNetwork.Model().Save(project["tiny.onnx"], new ModelSaveOptions(ExternalData: true, MinExternalBytes: 16));
        Assert.NotEmpty(OnnxModel.Load(project["tiny.onnx"]).DataFiles());
        using var workspace = project.Open(TinyProject.Base);
        using var parcel = SubjectPacking.Pack(workspace.Stages.SearchSubject, CancellationToken.None);
        using var folder = new TemporaryFolder();
        using var unpacked = UnpackedParcel.Open(parcel, folder);
        Assert.Equal(workspace.SearchSet.FloatSamples, unpacked.Set.FloatSamples);
    }

    [Fact]
    public void EqualSubjectsHaveOneDigestAndOthersAnother()
    {
        using var project = new TinyProject();
        string Digest(string key, string value)
        {
            using var workspace = project.Open(TinyProject.With(TinyProject.Base, new KeyValuePair<string, string>(key, value)));
            using var parcel = SubjectPacking.Pack(workspace.Stages.SearchSubject, CancellationToken.None);
            return parcel.Digest;
        }
        string first = Digest("search.samples", "24");
        Assert.Equal(first, Digest("budget.latency", "2x"));
        Assert.NotEqual(first, Digest("search.samples", "23"));
        Assert.NotEqual(first, Digest("quantization.bias-correction", "false"));
        Assert.NotEqual(first, Digest("data.calibration.samples", "31"));
    }

    [Fact]
    public void NothingOfThisMachineIsInTheDescription()
    {
        using var project = new TinyProject();
        using var workspace = project.Open(TinyProject.Base);
        using var parcel = SubjectPacking.Pack(workspace.Stages.SearchSubject, CancellationToken.None);
        string text = System.Text.Encoding.UTF8.GetString(parcel.Description.AsSpan());
        Assert.DoesNotContain(Path.GetDirectoryName(project["haq.yaml"])!, text, StringComparison.Ordinal);
        Assert.DoesNotContain(Environment.UserName + "/", text, StringComparison.Ordinal);
    }
}
