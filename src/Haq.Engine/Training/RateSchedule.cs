namespace Haq.Engine.Training;

/// <summary>How the learning rate falls.</summary>
public enum RateSchedule
{
    /// <summary>Half a cosine from the full rate to zero over the whole training.</summary>
    Cosine,

    /// <summary>A tenth after half, and a hundredth after three quarters of the epochs.</summary>
    Step,

    /// <summary>Always the full rate.</summary>
    Constant,
}
