"""Every record kind, each declared once. Importing this package fills `domain.fields.KINDS`.

Everybody imports record classes from here; pyproject.toml exempts this file from naming each of them a second time in `__all__`.
"""

from domain.records.catalogue import (
    Attachment,
    DistrictFlag,
    IndustryProject,
    JobFair,
    LabourBrand,
    Mentor,
    MonitorLine,
    OddJob,
    ParkFigure,
    PolicyLead,
    PolicyPack,
    ReliefProject,
    ReliefWork,
    ServiceStation,
    Startup,
    StationVolume,
    Target,
)
from domain.records.money import Claim, ClaimStep, Notice, Objection, Payment
from domain.records.people import CategorySpan, Household, HouseholdBusiness, HouseholdIncome, Person, Visit
from domain.records.posts import Agreement, Appointment, Assessment, Attendance, Insurance, Post, PostCandidate, PostPay, Violation
from domain.records.services import Finding, JobWish, Service, Vacancy
from domain.records.surveys import Survey, SurveyAnswer, SurveyItem
from domain.records.training import Course, Enrolment, Schooling
from domain.records.work import Employer, Employment, MonthlyCheck, Placement, Recognition, Travel, Wage, WorkTraining
from domain.records.work_organised import LabourTrip, PieceworkLot, RightsIssue, TripMember
