using System.IO.Compression;
using Haq.Engine.Diagnostics;
using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Running;

namespace Haq.Engine.Tests.Pipeline;

/// <summary>Labels that have nothing to do with the model, beside a metric that does not look at them.</summary>
public sealed class UnusedLabelsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Labels_that_the_metric_does_not_use_are_not_held_against_the_model()
    {
        foreach (string file in new[] { "fashion-mobilenet.onnx", "evaluation-images-idx3-ubyte.gz" }) File.Copy(Shared.File($"sample/{file}"), _folder[file]);
        using (var gzip = new GZipStream(File.Create(_folder["labels-idx1-ubyte.gz"]), CompressionLevel.Fastest))
            gzip.Write([0, 0, 8, 1, 0, 0, 7, 208, .. Enumerable.Range(0, 2000).Select(i => (byte)(i * 7 % 10))]);
        // The metric by default is top-1, which these labels make chance.
        Assert.Equal("HAQ0504", Assert.Throws<HaqException>(() => Open("")).Diagnostic.Descriptor.Code);
        Assert.Null(Record.Exception(() => Open("metric: cosine")));
        Assert.Null(Record.Exception(() => Open("metric: agreement")));
    }

    private void Open(string metric)
    {
        File.WriteAllText(_folder["haq.yaml"], $$"""
            model: fashion-mobilenet.onnx
            hardware: {name: onnxruntime, threads: 1}
            bits: 8
            data:
              preprocess: {scale: 255}
              evaluation: {path: evaluation-images-idx3-ubyte.gz, labels: labels-idx1-ubyte.gz, samples: 300}
            {{metric}}

            """);
        using var workspace = Workspace.Open(new PipelineOptions(_folder["haq.yaml"], new StageCache(_folder["cache"])), null, CancellationToken.None);
        Assert.NotNull(workspace.ReportedSet);
    }
}
