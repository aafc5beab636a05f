using Haq.Engine.Pipeline.Parcels;
using Haq.Engine.Pipeline.Subjects;

namespace Haq.Engine.Tests.Pipeline.Subjects;

/// <summary>A parcel's parts as files in a folder, as whoever received it has them.</summary>
internal static class UnpackedParcel
{
    public static OpenedSubject Open(SubjectParcel parcel, TemporaryFolder folder, int threads = 1)
    {
        foreach (var part in parcel.Parts)
        {
            byte[] bytes = new byte[part.Bytes];
            parcel.Read(part, 0, bytes);
            File.WriteAllBytes(folder[part.Digest], bytes);
        }
        return OpenedSubject.Open(parcel.Description.AsSpan(), part => folder[part.Digest], threads, CancellationToken.None);
    }
}
