namespace Haq.Engine.Training;

/// <summary>How the learning rate falls.</summary>
public enum RateSchedule
{
    /// <summary>Half a cosine from the full rate to zero over the whole training.</summary>
    Cosine,

    /// <summary>Times <see cref="FineTuneOptions.StepFactor"/> every <see cref="FineTuneOptions.StepEpochs"/> epochs.</summary>
    Step,

    /// <summary>Always the full rate.</summary>
    Constant,
}
