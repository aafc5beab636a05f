using Haq.Engine.Diagnostics;
using Haq.Engine.Evaluation.Timing;
using Haq.Engine.Hardware;
using Haq.Engine.Pipeline.Inputs;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Quantization;

namespace Haq.Engine.Pipeline.Stages.Costing;

/// <param name="Declared">The hardware as its file declares it.</param>
/// <param name="Model">The network whose layers are timed.</param>
/// <param name="Threads">Of a session where they are.</param>
/// <param name="IsMeasured">Whole files are measured, too: what a layer alone takes decides nothing.</param>
internal sealed record TargetInputs(Handle<HardwareTarget> Declared, Handle<QuantizableModel> Model, int? Threads, bool IsMeasured);

/// <summary>The hardware, ready to price layers: with this machine's timings where its kind is measured.</summary>
internal sealed class TargetStage : Stage<TargetInputs, HardwareTarget>
{
    public override string Name => "hardware";

    public override HardwareTarget Run(TargetInputs inputs, StageScope scope)
    {
        var model = inputs.Model.Value;
        return MeasuredHardware.Ready(inputs.Declared.Value, model.View, model.Survey, model.Shapes, w =>
            Warn(w, inputs.IsMeasured, scope), new LayerTimerOptions { Threads = MeasuringSettings.Threads(inputs.Threads) }, scope.Cancellation);
    }

    // Whether a layer gains is said of it in its network, and by what is chosen there.
    private static void Warn(Diagnostic warning, bool isMeasured, StageScope scope)
    {
        if (!isMeasured || warning.Descriptor != DiagnosticCatalog.QuantizingIsSlower) scope.Warn(warning);
    }
}
