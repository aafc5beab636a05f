namespace Haq.Engine.Training;

/// <summary>Light random changes of training images [N, C, H, W].</summary>
/// <param name="Flip">Mirrors left and right, half of the time.</param>
/// <param name="Shift">Moves by up to so many pixels in each direction; what comes in is zero.</param>
public sealed record Augmentation(bool Flip, int Shift)
{
    /// <summary>No change.</summary>
    public static Augmentation None { get; } = new(false, 0);

    /// <summary>Whether it changes anything.</summary>
    public bool IsNone => !Flip && Shift == 0;
}
