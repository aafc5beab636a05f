using Haq.Engine.Manifest;
using Haq.Engine.Pipeline.Inputs;
using Haq.Engine.Pipeline.Results;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Export;
using Haq.Engine.Runtime;

namespace Haq.Engine.Pipeline.Stages.Exporting;

/// <param name="Network">What is exported.</param>
/// <param name="Format">How it is written.</param>
/// <param name="Path">Where to.</param>
/// <param name="ForProcessor">It is for ONNX Runtime on a processor alone.</param>
internal sealed record ExportInputs(Handle<QuantizedModel> Network, ExportFormat Format, [property: NoInfluence("a place")] string Path, bool ForProcessor);

/// <summary>Writes the model.</summary>
internal sealed class ExportStage : Stage<ExportInputs, Exported>
{
    public override string Name => "export";

    public override int Version => StageVersions.Export;

    public override Exported Run(ExportInputs inputs, StageScope scope)
    {
        scope.Report($"writing {Path.GetFileName(inputs.Path)}");
        var network = inputs.Network.Value;
        var runnable = QdqExporter.Export(network, inputs.ForProcessor);
        if (network.Form is { } form && TargetVerdict.Of(runnable, form.Profile) is { } warning) scope.Warn(warning);
        if (inputs.Format == ExportFormat.Qonnx) QonnxExporter.Export(network).Save(inputs.Path);
        else runnable.Save(inputs.Path);
        string digest = ModelFiles.Digest(inputs.Path);
        if (network.Model.IsLarge) NativeRoom.Make();
        return new Exported(runnable, inputs.Path, digest);
    }
}
