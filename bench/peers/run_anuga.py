"""ANUGA (full shallow water, triangles) on one job. Run with: PYTHON run_anuga.py JOB.

As its authors advise: the "unified" C kernels, DE0 unless the job names another flow algorithm, and on
mostly dry ground the active set. Four triangles for each square, so that cells count the same.
"""

import tempfile

import anuga
import numpy as np
from interpolation import linear
from job import Job, Log, read_job, write_result


def domain_of(job: Job, folder: str):
    """The dry domain with closed walls, and x, y and area of its triangles."""
    side = 2.0 * job.cell_area**0.5
    cols, rows = round(job.width / side), round(job.height / side)
    points, triangles, boundary = anuga.rectangular_cross(cols, rows, job.width, job.height)
    domain = anuga.Domain(points, triangles, boundary, verbose=False)
    domain.set_name("peer")
    domain.set_datadir(folder)
    domain.set_store(False)
    domain.set_flow_algorithm(job.options.get("algorithm", "DE0"))
    x, y = domain.get_centroid_coordinates().T
    ground = job.ground(x, y)
    domain.set_quantity("elevation", ground, location="centroids")
    domain.set_quantity("stage", ground, location="centroids")
    domain.set_quantity("friction", job.manning)
    wall = anuga.Reflective_boundary(domain)
    domain.set_boundary(dict.fromkeys(domain.get_boundary_tags(), wall))
    domain.set_compute_mode("unified")
    domain.set_use_active_set(job.mostly_dry)
    return domain, x, y


def feed(job: Job, domain, x, y) -> None:
    """Let the inflow and the rain act on the domain."""
    if job.inflow:
        seconds, discharge = job.inflow["seconds"], job.inflow["discharge"]
        half = job.inflow["width"] / 2.0
        side = 2.0 * job.cell_area**0.5
        at = (x < side) & (np.abs(y - job.inflow["middle"]) < half)
        region = anuga.Region(domain, indices=np.nonzero(at)[0])
        anuga.Inlet_operator(
            domain, region, Q=lambda t: float(np.interp(t, seconds, discharge)), zero_velocity=True
        )
    if job.rain:
        rate, until = job.rain["rate"], job.rain["until"]
        anuga.Rate_operator(domain, rate=lambda t: rate if t < until else 0.0)


def main() -> None:
    """Run the job."""
    job, log = read_job(), Log()
    anuga.set_omp_num_threads(job.threads, verbose=False)
    with tempfile.TemporaryDirectory() as folder:
        domain, x, y = domain_of(job, folder)
        feed(job, domain, x, y)
        gauges, steps = linear(x, y, job.gauges), 0

        def depth():
            stage = domain.get_quantity("stage").centroid_values
            return stage - domain.get_quantity("elevation").centroid_values

        with log.clock():
            for _, end in job.spans():
                for _ in domain.evolve(yieldstep=end, finaltime=end):
                    steps += domain.number_of_steps
                log.stop(gauges(depth()), steps)
        maps = {"x": x, "y": y, "depth": depth(), "area": domain.areas}
        write_result(
            job, log, "anuga", maps, scheme="full shallow water, triangles",
            threads=anuga.get_omp_num_threads(), precision="float64",
            settings={
                "algorithm": domain.get_flow_algorithm(), "mode": domain.get_compute_mode(),
                "timestepping": domain.get_timestepping_method(), "courant": domain.get_cfl(),
                "active_share": domain.get_active_set_stats()[0] if job.mostly_dry else 1.0,
            },
            own_balance={
                "boundary_m3": domain.get_boundary_flux_integral(),
                "sources_m3": domain.get_fractional_step_volume_integral(),
                "stored_m3": domain.get_water_volume(),
            },
        )  # fmt: skip


if __name__ == "__main__":
    main()
